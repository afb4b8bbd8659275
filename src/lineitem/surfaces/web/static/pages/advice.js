// What to change, and what it would have saved: measured on your own sessions.

import * as api from "../api.js";
import { el } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { picker, ranged, spoken } from "../range.js";

export function advice({ asked, add }) {
  const range = ranged(asked, "all");
  const list = add.panel(new Panel(`Advice, ${spoken(asked, "all")}`, () => api.report("advice", range), (found) => {
    if (!found.advice.length) return nothing("Nothing here would have saved enough to be worth a change.");
    return [el("p.sum", {}, `Found in ${numbers.many(found.sessions, "session")} that cost ${numbers.money(found.costNanos)}. No dollar is counted twice.`),
      el("ul.odd.full", {}, found.advice.map(one))];
  }, { note: "the first search of a large store takes a while" }));
  return [el("div.top", {}, el("h1", {}, "Advice")), picker(asked, "all"), list.node];
}

function one(each) {
  const month = each.monthNanos === null ? null : `about ${numbers.money(each.monthNanos)} a month`;
  return el("li.saving", {}, el("div.amount", {}, el("b", {}, numbers.money(each.savedNanos)), el("small", {}, "would have been saved"), month ? el("small", {}, month) : null),
    el("div", {}, el("b", {}, each.title), each.project ? [" ", el("span.where", { title: each.project }, names.project(each.project))] : null,
      el("p", {}, each.change), el("p.note", {}, `${numbers.count(each.times)} times in ${numbers.many(each.sessions, "session")}${each.tokens ? `, ${numbers.tokens(each.tokens)} tokens` : ""}`),
      el("details", {}, el("summary", {}, "Evidence, and what comes of it"), command(`lineitem advice ${each.id}`), command(`lineitem advice --done ${each.id}`))));
}
