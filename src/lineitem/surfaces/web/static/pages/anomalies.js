// What stands out: with what is usual, by how much, and why.

import * as api from "../api.js";
import { el, put, sentence } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { nothing, Panel } from "../panel.js";
import { sessionLink } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { change } from "../route.js";

const FIRST = 40;
const SEVERITIES = ["", "critical", "warning", "notice"];

export function anomalies({ asked, add }) {
  const range = ranged(asked);
  const only = asked.severity ?? "";
  const list = add.panel(new Panel(`What stands out, ${spoken(asked)}`, () => api.report("anomalies", { ...range, rows: 500 }), (found) => {
    const rows = only ? found.anomalies.filter((each) => each.severity === only) : found.anomalies;
    if (!rows.length) return nothing("Nothing stood out in these days. What is usual is learnt from your own sessions; docs/insights.md says which rules there are.");
    const list = el("ul.odd.full", {}, rows.slice(0, FIRST).map(one));
    const more = rows.length > FIRST ? el("button", { type: "button", onclick: () => { more.remove(); put(list, rows.slice(FIRST).map(one)); } }, `Show ${rows.length - FIRST} more`) : null;
    return [list, more, found.rowsInAll ? el("p.note", {}, `The latest ${rows.length} of ${numbers.count(found.rowsInAll.anomalies)}.`) : null];
  }));
  return [el("div.top", {}, el("h1", {}, "What stands out")), picker(asked),
    el("div.presets", { role: "group", "aria-label": "Severity" }, SEVERITIES.map((each) => el("button", { type: "button", "aria-pressed": each === only ? "true" : "false", onclick: () => change({ severity: each }) }, each || "all"))), list.node];
}

function amount(value, measure) {
  if (value === null || value === undefined) return numbers.UNKNOWN;
  if (/nano|cost|money/i.test(measure ?? "")) return numbers.money(value);
  if (/token|context/i.test(measure ?? "")) return numbers.tokens(value);
  return Number.isInteger(value) ? numbers.count(value) : String(value);
}

function one(each) {
  const facts = [["measured", each.value === null ? null : `${amount(each.value, each.measure)}${each.measure && !/nano|token/.test(each.measure) ? ` ${each.measure}` : ""}`],
    ["usual", each.usual === null ? null : `${amount(each.usual, each.measure)}${each.values ? `, of ${numbers.count(each.values)} values` : ""}${each.baseline ? ` (${each.baseline})` : ""}`],
    ["above", each.limit === null ? null : amount(each.limit, each.measure)],
    ["how sure", each.confidence]].filter(([, value]) => value);
  return el("li", {}, el(`span.severity.${each.severity}`, {}, each.severity),
    el("div", {}, el("b", {}, each.name), " ", el("span.where", {}, each.subject), el("p", {}, each.text),
      each.suggestion ? el("p.note", {}, sentence(each.suggestion)) : null,
      each.guess ? el("p.note", {}, `A model's guess (${each.guessLikelihood}): ${each.guess}`) : null,
      el("dl.inline", {}, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))))),
    el("div.right", {}, each.sessionId ? sessionLink(each.sessionId) : null, el("small", { title: each.project }, names.project(each.project)), el("small", {}, numbers.moment(each.at))));
}
