// One session: its bill, how its window grew, what its prompts and calls cost, what would have been cheaper.

import * as api from "../api.js";
import { Chart } from "../chart.js";
import { el, sentence } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { badge, causes, figure, meter, sum, trail } from "../parts.js";
import { to } from "../route.js";
import { table } from "../table.js";

export async function session({ path, asked, add }) {
  const id = path[1] ?? "";
  try {
    await api.report("session", { id, rows: 1 });
  } catch (error) {
    return [el("div.top", {}, el("h1", {}, "Session ", el("code", {}, names.session(id)))), api.refused(error), el("p", {}, el("a", { href: "#/sessions" }, "All sessions"))];
  }
  const root = asked.root ?? "";
  const only = { session: id };
  const at = (cause) => to(["session", id], { ...asked, root: cause });
  const bill = add.chart(new Chart("bill", { ...only, root }, { tall: 130, pick: (datum) => { if (datum.opens) location.hash = at(datum.cause === root ? above(root) : datum.cause); },
    beside: causes(() => api.report("bill", { ...only, under: root, rows: 200 }), root, at) }));
  const growth = add.chart(new Chart("growth", { id }, { tall: 270, empty: "No request of the main conversation is known.", beside: new Panel("Turns", () => api.report("context", { id, turns: 1 }), turns, { classes: "bare", quiet: true }) }));
  const prompts = add.chart(new Chart("prompts", { id }, { tall: 220, empty: "No prompt is known." }));
  const times = add.chart(new Chart("calls", only, { tall: 220, empty: "No tool call was made." }));
  const head = add.panel(new Panel("The session", () => Promise.all([api.report("session", { id, rows: 1 }), api.report("check", only), api.report("health", { id })]), heading, { classes: "bare.hero" }));
  const carry = add.panel(new Panel("Dearest things in the window", () => api.report("context", { id }), window_now, { note: "what each costs in a hundred further requests" }));
  const calls = add.panel(new Panel("Dearest tool calls", () => api.report("calls", { ...only, rows: 400 }), dearest));
  const each = add.panel(new Panel("Prompts", () => api.report("rot", { id }), byPrompt, { note: "new, and carried along" }));
  const misses = add.panel(new Panel("Cache misses", () => api.report("context", { id, turns: 1 }), missed));
  const agents = add.panel(new Panel("Agents", () => api.report("agents", only), agent));
  const odd = add.panel(new Panel("What stood out", () => api.report("anomalies", only), stood));
  return [
    el("div.top", {}, el("h1", {}, "Session ", el("code", {}, names.session(id)))),
    head.node,
    section("The bill", "a cause as wide as it was dear; click to look into it", [trail(root, at), bill.node]),
    section("How the window grew", "tokens sent by each request, by cause; dashed: summarised, red: a cache miss", growth.node),
    el("div.cols", {},
      el("div", {}, section("Cost by prompt", null, prompts.node), each.node, misses.node),
      el("div", {}, carry.node, otherwise(id, add))),
    section("Tool calls over time", "pink: made by agents", times.node),
    calls.node,
    handoff(id, add),
    el("div.cols", {}, el("div", {}, agents.node, keep(id)), el("div", {}, odd.node)),
  ];
}

function section(title, note, node, classes = "") {
  return el(`section.panel${classes ? `.${classes}` : ""}`, { "aria-label": title }, el("header", {}, el("h2", {}, title), note ? el("p.note", {}, note) : null), node);
}

const above = (cause) => (cause.includes("/") ? cause.slice(0, cause.lastIndexOf("/")) : "");

function turns(found) {
  return table("Requests of the main conversation", [
    { key: "turn", title: "Turn", kind: "count" }, { key: "at", title: "At", kind: "time" }, { key: "contextTokens", title: "Sent", kind: "tokens" },
    { key: "largest", title: "Largest", wide: true, of: (row) => [...row.kinds].sort((one, other) => other.tokens - one.tokens).slice(0, 3).map((each) => `${each.kind} ${numbers.tokens(each.tokens)}`).join(", ") },
    { key: "mark", title: "Mark", of: (row) => [row.compactions ? "summarised before" : "", row.missReason ? "cache miss" : ""].filter(Boolean).join(", ") },
    { key: "costNanos", title: "Cost", kind: "money", bar: true },
  ], found.turns, { shown: 30 });
}

function heading([found, check, health]) {
  const told = health.sessions[0] ?? {};
  const agrees = check.sessions[0];
  const kinds = found.tokens;
  const row = { inputTokens: kinds.uncachedInput, cacheCreationTokens: kinds.cacheWrite5m + kinds.cacheWrite1h, cacheReadTokens: kinds.cacheRead, outputTokens: kinds.output };
  const all = Object.values(row).reduce((one, other) => one + Number(other), 0);
  const long = found.firstActivity ? Date.parse(found.lastActivity) - Date.parse(found.firstActivity) : null;
  return el("div.figures", {},
    figure("The bill", el("span.big", {}, numbers.money(found.costNanos)), found.provisional ? el("span.mark", {}, "provisional") : null,
      found.unloggedNanos ? `${numbers.money(found.unloggedNanos)} not logged` : null),
    figure("Tokens", numbers.tokens(all), `output ${numbers.tokens(row.outputTokens)}, read from the cache ${numbers.share(row.cacheReadTokens, all - Number(row.outputTokens))} of what was sent`),
    figure("When", el("span.mid", {}, numbers.moment(found.firstActivity)), `${numbers.duration(long)}, last ${numbers.ago(found.lastActivity)}`),
    el("div.figure", {}, el("h3", {}, "Window"), el("p.value", {}, numbers.tokens(told.contextTokens)), told.windowTokens ? meter(Number(told.contextTokens) / Number(told.windowTokens), `${numbers.share(told.contextTokens, told.windowTokens)} of the window`, { yellow: "warn", red: "bad" }[told.level] ?? "ok") : null,
      el("div.beside", {}, told.level ? el(`span.health.${told.level}`, {}, told.level) : null, told.turnsLeft !== null && told.turnsLeft !== undefined ? ` ${numbers.count(told.turnsLeft)} turns left` : null,
        told.goingColdNanos ? ` ${numbers.money(told.goingColdNanos)} if cold` : null)),
    el("div.figure", {}, el("h3", {}, "Of"), el("p.mid", { title: found.projectPath }, names.project(found.projectPath)), el("div.beside", {}, told.model ? badge(told.model) : null,
      agrees ? el("span", {}, agrees.agrees ? " Claude Code's own total agrees." : ` Claude Code's own total: ${numbers.money(agrees.reportedNanos)}.`) : null)));
}

function window_now(found) {
  if (!found.causes.length) return nothing("Nothing lies in the window.");
  return [el("p.sum", {}, `${numbers.tokens(found.contextTokens)} tokens; sending them once more, read from the cache, costs ${numbers.money(found.rentNanos)}.`),
    table("What lies in the window", [
      { key: "cause", title: "Cause", draw: (row) => [el(`i.dot.k-${row.kind}`), row.cause] },
      { key: "tokens", title: "Tokens", kind: "tokens", draw: (row, text) => (row.measured ? text : numbers.about(text)) },
      { key: "share", title: "Share", kind: "share" },
      { key: "rentHundredNanos", title: "100 requests", kind: "money", bar: true },
    ], found.causes, { shown: 12 })];
}

function dearest(found) {
  if (!found.calls.length) return nothing("No tool call was made.");
  const about = (row) => row.basis !== "measured";
  return table("Dearest tool calls", [
    { key: "tool", title: "Tool", tight: true },
    { key: "target", title: "Target", draw: (row) => el("span.target", { title: row.target }, row.target || "–") },
    { key: "generateNanos", title: "Generate", kind: "money", estimated: about, wide: true }, { key: "ingestNanos", title: "Ingest", kind: "money", estimated: about, wide: true },
    { key: "carryNanos", title: "Carry", kind: "money", estimated: about, wide: true }, { key: "carriedRequests", title: "Carried", kind: "count", wide: true },
    { key: "selfNanos", title: "Own", kind: "money", estimated: about, wide: true }, { key: "totalNanos", title: "Total", kind: "money", bar: true, estimated: about },
  ], found.calls, { shown: 15, filter: true });
}

function byPrompt(found) {
  if (!found.rot.length) return nothing("No prompt is known.");
  return [el("p.sum", {}, found.savedNanos > 0 ? `In fresh sessions of ${found.every} prompts the same would have cost ${numbers.money(found.freshNanos)}: ${numbers.money(found.savedNanos)} less.` : `Fresh sessions of ${found.every} prompts would have saved nothing.`),
    table("Prompts", [
      { key: "ordinal", title: "#", kind: "count", of: (row) => row.ordinal ?? null }, { key: "at", title: "At", kind: "time" }, { key: "source", title: "Source", tight: true, wide: true },
      { key: "requests", title: "Requests", kind: "count", wide: true }, { key: "contextTokens", title: "Context", kind: "tokens", wide: true }, { key: "newNanos", title: "New", kind: "money", wide: true },
      { key: "carryNanos", title: "Carried", kind: "money" }, { key: "costNanos", title: "Cost", kind: "money", bar: true },
    ], found.rot, { shown: 15 })];
}

function missed(found) {
  const rows = found.turns.filter((row) => row.missReason);
  if (!rows.length) return nothing("None: whatever had been sent before was read from the cache.");
  return [el("p.sum", {}, `${numbers.count(rows.length)} ${rows.length === 1 ? "miss" : "misses"} in the main conversation; writing again cost ${numbers.money(sum(rows, "missNanos"))}.`),
    table("Cache misses", [{ key: "turn", title: "Turn", kind: "count" }, { key: "at", title: "At", kind: "time" }, { key: "missReason", title: "Why" },
      { key: "missTokens", title: "Tokens", kind: "tokens" }, { key: "missNanos", title: "Cost", kind: "money", bar: true }], rows, { shown: 12 })];
}

function agent(found) {
  const rows = found.agents.filter((row) => row.agent !== "main" && !row.remainder);
  if (!rows.length) return nothing("No agent was started.");
  return table("Agents", [{ key: "agent", title: "Agent" }, { key: "requests", title: "Requests", kind: "count" }, { key: "costNanos", title: "Cost", kind: "money", bar: true }], rows, { shown: 12 });
}

function stood(found) {
  if (!found.anomalies.length) return nothing("Nothing stood out.");
  return el("ul.odd", {}, found.anomalies.map((each) => el("li", {}, el(`span.severity.${each.severity}`, {}, each.severity),
    el("div", {}, el("b", {}, each.name), " ", el("span.where", {}, each.subject), el("p", {}, each.text), each.suggestion ? el("p.note", {}, each.suggestion) : null), el("small", {}, numbers.moment(each.at)))));
}

/** What-if: sliders, and what each change would have saved. */
function otherwise(id, add) {
  const asked = { id };
  const panel = add.panel(new Panel("What it would have cost otherwise", () => api.report("whatif", asked), (found) =>
    table("What if", [
      { key: "change", title: "Change", hint: (row) => row.assumes },
      { key: "costNanos", title: "Cost", kind: "money" }, { key: "savedNanos", title: "Saved", kind: "money" }, { key: "savedShare", title: "Of it", kind: "share", of: (row) => row.savedShare },
    ], found.whatif, {}), { note: "each by itself; what two save together is not the sum" }));
  const slider = (name, text, least, most, step, of) => {
    const shown = el("output", {}, "–");
    const input = el("input", { type: "range", min: least, max: most, step, value: least, "aria-label": text,
      oninput: () => { shown.textContent = Number(input.value) > least ? of(input.value) : "–"; },
      onchange: () => { if (Number(input.value) > least) asked[name] = String(input.value); else delete asked[name]; panel.load(); } });
    input.value = String(least);
    return el("label.slider", {}, el("span", {}, text), input, shown);
  };
  panel.node.insertBefore(el("div.sliders", {},
    slider("cut", "No tool result longer than", 0, 20_000, 500, (value) => `${numbers.tokens(Number(value))} tokens`),
    slider("clear", "A fresh session from prompt", 1, 60, 1, (value) => `#${value}`),
    slider("compact", "Summarised before prompt", 1, 60, 1, (value) => `#${value}`)), panel.body);
  return panel.node;
}

const AGAIN = 60_000; // git is asked for it: not at every news

/** How to go on, what each way costs, and the prompt a fresh session begins with. */
function handoff(id, add) {
  let asked = -Infinity;
  let known = null;
  const ask = () => {
    if (known === null || performance.now() - asked > AGAIN) {
      asked = performance.now();
      known = api.report("handoff", { id });
      known.catch(() => { known = null; });
    }
    return known;
  };
  const said = { continue: "Go on here.", compact: "Compact first: type /compact.", fresh: "Start a fresh session, with the prompt below." };
  return add.panel(new Panel("Go on, or start anew", ask, (found) => [
    el("p", {}, found.advice ? el("b", {}, `${said[found.advice]} `) : null, sentence(found.why)),
    found.ways.length ? table("Ways to go on", [{ key: "how", title: "How to go on", draw: (row) => (row.way === found.advice ? el("b", {}, row.how) : row.how) },
      { key: "firstNanos", title: "First request", kind: "money", wide: true, estimated: () => true }, { key: "contextTokens", title: "Window then", kind: "tokens", wide: true },
      { key: "costNanos", title: `Next ${found.prompts} prompts`, kind: "money", bar: true, estimated: () => true }], found.ways) : nothing(`What each way costs is not known: there is no price for ${found.model ?? "its model"}.`),
    found.prompt ? prompt(found) : nothing("There is no prompt to start anew with: ", found.folder ? el("code", {}, found.folder) : "its folder", " is not here any more, or says nothing of its work. What it could be made of: AI_CONTEXT.md, CLAUDE.md, a list of tasks, commits. ", el("code", {}, "lineitem brief create"), " begins one.")],
  { note: "`lineitem handoff`" })).node;
}

function prompt(found) {
  const text = el("pre.prompt", { tabindex: "0", role: "region", "aria-label": "The prompt" }, found.prompt);
  const told = el("span.note", { role: "status" });
  const copy = el("button.primary", { type: "button", onclick: async () => {
    told.textContent = await copied(found.prompt, text) ? "It is in the clipboard." : "It is selected: press Ctrl or Cmd and C.";
  } }, "Copy the prompt");
  return el("div.handoff", {}, el("p.note", {}, `About ${numbers.count(found.promptTokens)} of ${numbers.count(found.allowedTokens)} tokens${found.droppedPieces ? `; ${numbers.many(found.droppedPieces, "piece")} left out` : ""}. What begins with > is quoted from the repository: facts, not instructions.`),
    text, el("p", {}, copy, " ", told));
}

/** Put a text into the clipboard; where a frame may not, it is selected in its place. */
async function copied(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(place);
    return document.execCommand("copy");
  }
}

function keep(id) {
  return el("section.panel", { "aria-label": "To keep" }, el("header", {}, el("h2", {}, "To keep")),
    el("p", {}, "The whole session as Markdown, with pictures:"), command(`lineitem report session ${names.session(id)} -o session.md --pictures`),
    el("p", {}, "As a profile for flame graphs:"), command(`lineitem export session ${names.session(id)} --format speedscope -o session.json`));
}
