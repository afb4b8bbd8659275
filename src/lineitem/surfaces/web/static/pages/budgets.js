// Budgets: how they stand, their history, what was decided; made and changed here as on the command line.

import * as api from "../api.js";
import { el, fill, sentence } from "../dom.js";
import * as numbers from "../numbers.js";
import { nothing, Panel } from "../panel.js";
import { choice, field, meter } from "../parts.js";
import { to } from "../route.js";
import { table } from "../table.js";

export function budgets({ path, add }) {
  const name = path[1];
  if (name) return history(name, add);
  const list = add.panel(new Panel("In force", () => api.report("budget"), (found) => {
    if (!found.budgets.length) return nothing("There is no budget yet. Make one below: you are warned at 80% of it, and blocked only where you say so.");
    return el("ul.budgets", {}, found.budgets.map((each) => one(each, () => list.load())));
  }));
  return [el("div.top", {}, el("h1", {}, "Budgets")), list.node, maker(() => list.load()),
    el("p.note", {}, "What was done to budgets, and what they did: ", el("a", { href: "#/audit" }, "the audit log"), ".")];
}

function used(row) {
  return row.limitTokens !== null ? `${numbers.tokens(row.usedTokens)} of ${row.limit}` : `${numbers.money(row.usedNanos)} of ${row.limit}`;
}

function part(row, key) {
  const tokens = row.limitTokens !== null;
  const value = row[`${key}${tokens ? "Tokens" : "Nanos"}`];
  return value === null || value === undefined ? null : Number(value) / Number(tokens ? row.limitTokens : row.limitNanos);
}

function one(row, reload) {
  const said = el("p.said", { role: "status" });
  const act = async (action, body) => {
    try { await api.changeBudget(row.name, action, body); reload(); } catch (error) { fill(said, error.message); said.classList.add("bad"); }
  };
  const expected = part(row, "expected");
  const reason = el("input", { type: "text", placeholder: "why", "aria-label": `Why ${row.name} is overridden`, maxlength: "200" });
  const ask = el("form.inline-form", { hidden: true, onsubmit: (event) => { event.preventDefault(); act("override", { reason: reason.value, for: "1h" }); } },
    reason, el("button", {}, "Override for an hour"));
  const change = editor(row, said, (given) => (Object.keys(given).length ? act("edit", given) : fill(said, "That is how it is already.")));
  const sure = el("button.danger", { type: "button", hidden: true, onclick: () => act("remove", {}) }, "Remove it, really");
  return el("li", {}, el("div.line", {}, el("b", {}, el("a", { href: to(["budgets", row.name]) }, row.name)), el("span.where", {}, `${row.scope}, ${row.during}`), row.exceeded ? el("span.severity.critical", {}, "exceeded") : row.passed.length ? el("span.severity.warning", {}, `above ${row.passed.at(-1)}%`) : null, el("span.num", {}, used(row))),
    meter(part(row, "used"), `${row.name}: ${used(row)}`, row.exceeded ? "bad" : row.passed.length ? "warn" : "ok", [...row.warnAt.map((mark) => [mark / 100, `warns at ${mark}%`]), ...(expected === null ? [] : [[expected, "where it is expected to end"]])]),
    el("div.line.small", {}, el("span", {}, row.expectedNanos !== null ? `will end at ${numbers.about(numbers.money(row.expectedNanos))}, ${numbers.money(row.lowNanos)} to ${numbers.money(row.highNanos)}` : row.expectedTokens !== null ? `will end at ${numbers.about(numbers.tokens(row.expectedTokens))} tokens` : ""),
      el("span.space"), el("button.quiet", { type: "button", onclick: () => { change.hidden = !change.hidden; } }, "edit"), el("button.quiet", { type: "button", onclick: () => { ask.hidden = !ask.hidden; if (!ask.hidden) reason.focus(); } }, "override"), el("button.quiet", { type: "button", onclick: () => { sure.hidden = !sure.hidden; } }, "remove")),
    change, ask, sure, said);
}

const PERIODS = [["month", "month"], ["week", "week"], ["day", "day"], ["session", "session"], ["7d", "rolling 7 days"], ["30d", "rolling 30 days"]];
const ACTS = [["none", "say so"], ["warn", "warn in the session"], ["ask", "ask"], ["block", "block"]];

/** What was written in a form: what was left empty is not said; `none` to warn at is said as nothing. */
function written(form) {
  const given = [...new FormData(form)].map(([key, value]) => [key, String(value).trim()]).filter(([, value]) => value !== "");
  return Object.fromEntries(given.map(([key, value]) => [key, key === "warn" && value === "none" ? "" : value]));
}

/** A form with what a budget is now; only what was changed in it is sent. */
function editor(row, said, save) {
  const now = { limit: row.limit.replace(/^\$/, "").replaceAll(",", "").replace(/ tokens$/, ""), period: row.period, of: row.scope === "everything" ? "" : row.scope,
    warn: row.warnAt.join(",") || "none", act: row.act ?? "none" };
  const form = el("form.choices", { hidden: true, onsubmit: (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value).trim()]).filter(([key, value]) => value !== now[key]));
    if (given.warn === "none") given.warn = "";
    if (given.of === "") { fill(said, "A budget of everything is a new one."); return; }
    document.activeElement?.blur();
    save(given);
  } }, field("limit", "Limit", { value: now.limit, required: true }), choice("period", "Each", PERIODS, now.period), field("of", "Only of", { value: now.of, placeholder: "everything" }),
  field("warn", "Warn at %, or none", { value: now.warn }), choice("act", "When used up", ACTS, now.act), el("button.primary", {}, "Save"));
  return form;
}

function maker(reload) {
  const said = el("p.said", { role: "status" });
  const form = el("form.choices", { onsubmit: async (event) => {
    event.preventDefault();
    const { name, ...body } = written(form);
    said.className = "said";
    try {
      await api.changeBudget(name, "add", body);
      form.reset();
      fill(said, `Made: ${name}.`);
      reload();
    } catch (error) { fill(said, error.message); said.classList.add("bad"); }
  } }, field("name", "Name", { required: true, placeholder: "shop" }), field("limit", "Limit", { required: true, placeholder: "200, or 2M for tokens" }),
  choice("period", "Each", PERIODS),
  field("of", "Only of", { placeholder: "everything, or project=shop, model=opus" }), field("warn", "Warn at %, or none", { placeholder: "80" }),
  choice("act", "When used up", ACTS), el("button.primary", {}, "Make it"));
  return el("section.panel", { "aria-label": "A new budget" }, el("header", {}, el("h2", {}, "A new budget"), el("p.note", {}, sentence("as `lineitem budget add`"))), form, said);
}

function history(name, add) {
  const panel = add.panel(new Panel("Its periods", () => api.report("budget", { id: name }), (found) => found.periods.length ? table(`Periods of ${name}`, [
    { key: "during", title: "Period" }, { key: "used", title: "Used", of: used }, { key: "usedShare", title: "Of the limit", of: (row) => (row.usedShare === null ? "–" : numbers.share(Math.round(row.usedShare * 1e4), 1e4)) },
    { key: "exceeded", title: "State", of: (row) => (row.exceeded ? "exceeded" : "") },
  ], found.periods, {}) : nothing("None of its periods has ended or begun.")));
  return [el("div.top", {}, el("h1", {}, "Budget ", name)), panel.node, el("p", {}, el("a", { href: "#/budgets" }, "All budgets"))];
}

export function audit({ add }) {
  const panel = add.panel(new Panel("The audit log", () => api.report("audit"), (found) => {
    const whole = found.brokenAt === null ? el("p.note", {}, `${numbers.many(found.rows, "row")}; the chain is whole.`) : el("p.state.bad", {}, `The chain is broken at row ${found.brokenAt}: a row was changed, taken out or put in.`);
    if (!found.audit.length) return [whole, nothing("Nothing was decided yet: making a budget is the first row.")];
    return [whole, table("Audit log", [{ key: "seq", title: "#", kind: "count" }, { key: "at", title: "At", kind: "time" }, { key: "actor", title: "Who", wide: true }, { key: "what", title: "What" }, { key: "budget", title: "Budget" }, { key: "about", title: "About", draw: (row) => el("span.target", { title: row.about }, row.about || "–") },
      { key: "hash", title: "Hash", wide: true, draw: (row) => el("code", { title: row.hash }, row.hash.slice(0, 10)) }], found.audit, { filter: true })];
  }));
  return [el("div.top", {}, el("h1", {}, "Audit log")), panel.node];
}
