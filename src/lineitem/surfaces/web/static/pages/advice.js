// What to change, with what it would have saved, what it was found on, and what came of what was changed.

import * as api from "../api.js";
import { el, sentence } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { figure, sessionLink } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { to } from "../route.js";
import { table } from "../table.js";

const USUAL = "90d";

export function advice({ path, asked, add }) {
  const ident = path[1];
  const range = ranged(asked, USUAL);
  if (ident) return evidence(ident, asked, range, add);
  const ask = () => api.report("advice", range);
  const sums = add.panel(new Panel("All of it", ask, (found) => el("div.figures", {},
    figure("Would have saved", numbers.money(found.totals.savedNanos), `${share(found.totals.savedShare)} of ${numbers.money(found.costNanos)}`),
    figure("Looked through", numbers.many(found.sessions, "session"), "each whole, by when it was last active")),
  { note: spoken(asked, USUAL) }));
  const list = add.panel(new Panel("What to change", ask, (found) => {
    if (!found.advice.length) return nothing("Nothing to advise here: no change would have saved anything in these days.");
    return [el("ul.odd.advice", {}, found.advice.map((row) => one(row, asked))),
      el("p.note", {}, "These may be added up: no dollar is in two of them. All else is taken to have gone the same way; docs/advice.md has the rules.")];
  }));
  const came = add.panel(new Panel("What came of it", ask, (found) => (found.followed.length ? table("Advice that is followed", [
    { key: "title", title: "Followed" }, { key: "since", title: "Since", kind: "time", wide: true }, { key: "sessions", title: "Sessions since", kind: "count", wide: true },
    { key: "expectedNanos", title: "Expected", kind: "money" }, { key: "cameNanos", title: "Saved", kind: "money" }, { key: "verdict", title: "", tight: true },
  ], found.followed) : nothing("When you have made a change, say so: ", command("lineitem advice --done ID")))));
  return [el("div.top", {}, el("h1", {}, "Advice")), picker(asked, USUAL), sums.node, list.node, came.node];
}

function share(part) {
  return part === null ? numbers.UNKNOWN : numbers.share(Math.round(part * 1e4), 1e4);
}

function upper(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function month(row) {
  if (row.monthNanos === null || !Number(row.monthNanos)) return null;
  const about = numbers.about(numbers.money(row.monthNanos));
  return row.monthLowNanos === null ? about : `${about}, ${numbers.money(row.monthLowNanos)} to ${numbers.money(row.monthHighNanos)}`;
}

function one(row, asked) {
  const facts = [["found in", numbers.many(row.sessions, "session")], ["times", row.times > row.sessions ? numbers.count(row.times) : null],
    ["project", row.project ? names.project(row.project) : null], ["a month", month(row)]].filter(([, value]) => value);
  return el("li", {}, el("span.num.saved", {}, el("b", {}, numbers.money(row.savedNanos)), el("small", {}, share(row.savedShare))),
    el("div", {}, el("b", {}, upper(row.title)), row.change ? el("p", {}, sentence(row.change)) : null,
      el("dl.inline", {}, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))))),
    el("div.right", {}, row.id ? el("a.id", { href: to(["advice", row.id], { since: asked.since, until: asked.until }) }, row.id) : null));
}

function evidence(ident, asked, range, add) {
  const list = add.panel(new Panel("What it was found on", () => api.report("advice", { ...range, id: ident, rows: 200 }), (found) => [
    el("p", {}, el("b", {}, upper(found.title)), " — would have saved ", el("b", {}, numbers.money(found.savedNanos)), "."),
    el("p", {}, sentence(found.change)), el("p.note", {}, found.rule),
    table("Evidence", [
      { key: "evidence", title: "Found on" }, { key: "sessionId", title: "Session", draw: (row) => sessionLink(row.sessionId) },
      { key: "project", title: "Project", of: (row) => names.project(row.project), wide: true }, { key: "at", title: "Last active", kind: "time", wide: true },
      { key: "savedNanos", title: "Saved", kind: "money", bar: true },
    ], found.evidence, { totals: found.totals, sort: ["savedNanos", true], shown: 50 }),
    el("p.note", {}, "Changed it? Say so, and what comes of it is followed up: ", command(`lineitem advice --done ${found.id}`)),
  ], { note: spoken(asked, USUAL) }));
  return [el("div.top", {}, el("h1", {}, "Advice"), el("a.more-link", { href: to(["advice"], { since: asked.since, until: asked.until }) }, "all")), list.node];
}
