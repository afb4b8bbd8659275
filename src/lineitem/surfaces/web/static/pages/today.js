// What was spent on a day or in a range, where the month goes, what is live, what stands out.

import * as api from "../api.js";
import { Chart } from "../chart.js";
import { el } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { nothing, Panel } from "../panel.js";
import { badge, byDay, cacheHit, causes, figure, meter, sessionLink, sum, tokenBar, trail } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { change, to } from "../route.js";
import { table } from "../table.js";

const YEAR = { since: "371d" };

export function today({ asked, add }) {
  const range = ranged(asked, "today");
  const said = spoken(asked, "today");
  const { project, model } = range;
  const days = () => api.report("daily", range);
  const year = () => api.report("daily", { ...YEAR, project, model });

  const picked = add.panel(new Panel("Days", year, (found) => picker(asked, "today", found.daily), { classes: "bare", quiet: true }));
  const head = add.panel(new Panel("Spent", () => Promise.all([days(), year(), api.report("forecast", { project, model }),
    api.report("budget"), api.report("health")]), (found) => figures(found, said), { classes: "bare.hero" }));
  const live = add.panel(new Panel("Live sessions", () => Promise.all([api.report("watch"), api.report("health")]), ([watch, health]) => sessions(watch, health), { note: "the last three hours" }));
  const calls = add.panel(new Panel("Last tool calls", () => api.report("watch"), lastCalls));
  const odd = add.panel(new Panel("What stands out", () => api.report("anomalies", { since: "7d", rows: 6 }), standsOut,
    { note: "the last seven days", more: el("a.more-link", { href: "#/anomalies" }, "all") }));
  const root = asked.root ?? "";
  const at = (cause) => to([], { ...asked, root: cause });
  const where = add.chart(new Chart("bill", { ...range, root }, { tall: 120, empty: "Nothing was spent.",
    pick: (datum) => { if (datum.opens) location.hash = at(datum.cause === root ? root.slice(0, Math.max(0, root.lastIndexOf("/"))) : datum.cause); },
    beside: causes(() => api.report("bill", { ...range, under: root, rows: 200 }), root, at) }));
  const heat = add.chart(new Chart("year", { ...YEAR, project, model, "last-day": numbers.dayOf(new Date()) }, { tall: 140, beside: byDay(year), pick: (datum) => datum.day && change({ since: datum.day, until: datum.day }) }));
  const one = range.since === "today" || range.since === range.until;
  const shown = { since: one ? "14d" : range.since, until: one ? "" : range.until, project, model };
  const bars = add.chart(new Chart("days", { ...shown, ...(shown.until ? {} : { "last-day": numbers.dayOf(new Date()) }) }, { tall: 158, beside: byDay(() => api.report("daily", shown)),
    pick: (datum) => datum.day && change({ since: datum.day, until: datum.day }) }));
  const streaks = add.panel(new Panel("Streaks", year, (found) => streak(found.daily), { classes: "bare", quiet: true }));

  return [
    el("div.top", {}, el("h1", {}, said === "today" ? "Today" : `Spent: ${said}`), filters(asked)),
    picked.node, head.node,
    section("Where it went", `by cause, ${said}; click to look into it`, [trail(root, at), where.node]),
    el("div.cols", {},
      el("div", {}, live.node, calls.node),
      el("div", {}, section("Cost by day", null, bars.node), odd.node)),
    el("section.panel", { "aria-label": "The year" }, el("header", {}, el("h2", {}, "The year")), heat.node, streaks.node),
  ];
}

function section(title, note, node, classes = "") {
  return el(`section.panel${classes ? `.${classes}` : ""}`, { "aria-label": title }, el("header", {}, el("h2", {}, title), note ? el("p.note", {}, note) : null), node);
}

function filters(asked) {
  const on = [["project", asked.project], ["model", asked.model]].filter(([, value]) => value);
  return on.length ? el("p.filters", {}, on.map(([key, value]) =>
    el("button.chip", { type: "button", onclick: () => change({ [key]: "" }), title: "Take this filter away" }, `${key}: ${value} ×`))) : null;
}

function figures([range, year, forecast, budget, health], said) {
  const totals = range.totals;
  const month = forecast.forecast[0];
  const before = yesterday(year.daily);
  return el("div.figures", {},
    figure(said === "today" ? "Today" : "Spent", el("span.big", {}, numbers.money(totals.costNanos ?? 0)),
      said === "today" && before !== null ? `yesterday ${numbers.money(before)}` : numbers.many(sum(range.daily, "requests"), "request"),
      Number(totals.unpricedTokens ?? 0) ? el("span.mark", {}, `${numbers.tokens(totals.unpricedTokens)} tokens unpriced`) : null,
      totals.provisional ? el("span.mark", {}, `${numbers.money(totals.provisionalNanos)} provisional`) : null),
    el("div.figure.tokens", {}, el("h3", {}, "Tokens"), el("p.value", {}, numbers.tokens(totals.totalTokens ?? 0)), tokenBar(totals)),
    figure("From the cache", cacheHit(totals), "of what was sent"),
    monthly(month, budget.budgets),
    limits(health.limits));
}

function yesterday(rows) {
  const day = new Date();
  day.setDate(day.getDate() - 1);
  const found = rows.find((row) => row.date === numbers.dayOf(day));
  return found ? found.costNanos : null;
}

function monthly(month, budgets) {
  if (!month) return el("div.figure.month", {}, el("h3", {}, "Month"), el("p.value", {}, numbers.UNKNOWN), el("div.beside", {}, "nothing was spent yet"));
  const mine = budgets.find((each) => each.period === "month" && each.scope === "everything" && each.limitNanos) ?? budgets.find((each) => each.limitNanos);
  const expected = month.expectedNanos === null ? el("span", {}, month.text)
    : el("span", { title: month.text }, `will end at ${numbers.about(numbers.money(month.expectedNanos))}, ${numbers.money(month.lowNanos)} to ${numbers.money(month.highNanos)}`);
  return el("div.figure.month", {}, el("h3", {}, month.period ? `Month ${month.period}` : "Month"), el("p.value", {}, numbers.money(month.costNanos)),
    el("div.beside", {}, expected),
    mine ? [meter(Number(mine.usedNanos) / Number(mine.limitNanos), `${numbers.share(mine.usedNanos, mine.limitNanos)} of the budget ${mine.name}`, level(mine),
      mine.expectedNanos === null ? [] : [[Number(mine.expectedNanos) / Number(mine.limitNanos), `expected ${numbers.money(mine.expectedNanos)}`]]),
      el("a.small", { href: "#/budgets" }, `${mine.name}: ${numbers.money(mine.usedNanos)} of ${mine.limit} ${mine.during}`)]
      : el("a.small", { href: "#/budgets" }, "no budget yet"));
}

function level(budget) {
  return budget.exceeded ? "bad" : budget.passed.length ? "warn" : "ok";
}

function limits(found) {
  const rows = [["5 hours", found.fiveHour], ["Week", found.week]].filter(([, each]) => each);
  if (!rows.length) return null;
  return el("div.figure", {}, el("h3", {}, "Plan limits"), rows.map(([name, each]) => {
    const part = each.usedHundredths / 10_000;
    const at = each.resetsAt ? `, resets ${numbers.moment(each.resetsAt)}` : "";
    return el("div.limit", {}, el("span", {}, `${name} ${numbers.share(each.usedHundredths, 10_000)}`), meter(part, `${name}: ${numbers.share(each.usedHundredths, 10_000)} used${at}`, part > 0.9 ? "bad" : part > 0.7 ? "warn" : "ok"),
      el("small", {}, each.resetsAt ? `resets ${numbers.clock(each.resetsAt)}` : ""));
  }));
}

function sessions(watch, health) {
  const known = new Map(health.sessions.map((each) => [each.sessionId, each]));
  if (!watch.sessions.length) return nothing("No session in the last three hours. Whatever Claude Code does shows up here by itself.");
  return el("ul.live", {}, watch.sessions.slice(0, 8).map((each) => {
    const told = known.get(each.sessionId) ?? {};
    const room = each.windowTokens ?? 200_000;
    const part = each.contextTokens === null ? 0 : Number(each.contextTokens) / Number(room);
    const health_level = told.level ?? null;
    return el("li", {}, el("div.line", {}, sessionLink(each.sessionId), el("span.where", { title: each.projectPath }, names.project(each.projectPath)), badge(each.model),
      health_level ? el(`span.health.${health_level}`, {}, health_level) : null, el("b.num", {}, (each.provisional ? numbers.about : String)(numbers.money(each.costNanos)))),
      meter(part, `context ${numbers.tokens(each.contextTokens)} of ${each.windowTokens ? numbers.tokens(room) : "about 200k"}`, { yellow: "warn", red: "bad" }[health_level] ?? "ok"),
      el("div.line.small", {}, el("span", {}, `${numbers.tokens(each.contextTokens)} tokens${each.windowTokens ? ` of ${numbers.tokens(room)}` : ""}`),
        told.turnsLeft !== null && told.turnsLeft !== undefined ? el("span", {}, `${numbers.count(told.turnsLeft)} turns left`) : null,
        told.turnNanos ? el("span", {}, `${numbers.money(told.turnNanos)} a turn`) : null, el("span.num", {}, numbers.ago(each.lastActivity))));
  }));
}

function lastCalls(watch) {
  if (!watch.calls.length) return nothing("No tool call in the last three hours.");
  return table("Last tool calls", [
    { key: "at", title: "At", kind: "text", tight: true, of: (row) => numbers.clock(row.at) },
    { key: "tool", title: "Tool", tight: true },
    { key: "target", title: "Target", link: (row) => to(["session", row.sessionId]), draw: (row) => el("span.target", { title: row.target }, row.target || "–") },
    { key: "durationMs", title: "Took", kind: "duration", wide: true },
    { key: "selfNanos", title: "Cost", kind: "money", estimated: (row) => row.basis !== "measured" },
  ], watch.calls.slice(0, 12), { marks: (row) => (row.waiting ? ["waiting"] : []) });
}

function standsOut(found) {
  if (!found.anomalies.length) return nothing("Nothing stood out in the last seven days.");
  return el("ul.odd", {}, found.anomalies.map((each) => el("li", {}, el(`span.severity.${each.severity}`, {}, each.severity),
    el("div", {}, el("b", {}, each.name), " ", el("span.where", {}, each.subject), el("p", {}, each.text)),
    el("div.right", {}, sessionLink(each.sessionId), el("small", {}, numbers.moment(each.at))))));
}

function streak(rows) {
  const days = new Set(rows.filter((row) => Number(row.costNanos) > 0 || Number(row.requests) > 0).map((row) => row.date));
  const step = (date, by) => { const [y, m, d] = date.split("-").map(Number); return numbers.dayOf(new Date(y, m - 1, d + by)); };
  const now = numbers.dayOf(new Date());
  let current = 0;
  for (let day = days.has(now) ? now : step(now, -1); days.has(day); day = step(day, -1)) current += 1;
  let longest = 0;
  for (const day of days) {
    if (days.has(step(day, -1))) continue;
    let long = 0;
    for (let each = day; days.has(each); each = step(each, 1)) long += 1;
    longest = Math.max(longest, long);
  }
  const spent = rows.filter((row) => Number(row.costNanos) > 0);
  const whole = sum(rows, "costNanos");
  return el("dl.facts", {}, fact("Active days", numbers.count(days.size)), fact("Current streak", numbers.many(current, "day")), fact("Longest streak", numbers.many(longest, "day")),
    fact("A day on average", spent.length ? numbers.money(whole / BigInt(spent.length)) : numbers.UNKNOWN), fact("The year", numbers.money(whole)));
}

function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}
