// All sessions of a range.

import * as api from "../api.js";
import { el } from "../dom.js";
import * as names from "../names.js";
import { Panel, nothing } from "../panel.js";
import { badge, marks } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { to } from "../route.js";
import { table } from "../table.js";

export function sessions({ asked, add }) {
  const range = ranged(asked);
  const list = add.panel(new Panel(`Sessions, ${spoken(asked)}`, () => api.report("session", range), (found) => {
    if (!found.sessions.length) return nothing("No session in these days. Take more of them, or let Claude Code work: sessions appear by themselves.");
    return table("Sessions", [
      { key: "sessionId", title: "Session", link: (row) => to(["session", row.sessionId]), draw: (row) => names.session(row.sessionId) },
      { key: "projectPath", title: "Project", draw: (row) => el("span", { title: row.projectPath }, names.project(row.projectPath)) },
      { key: "modelsUsed", title: "Models", wide: true, of: (row) => (row.modelsUsed ?? []).join(" "), draw: (row) => el("span", {}, (row.modelsUsed ?? []).slice(0, 3).map((each) => [badge(each), " "])) },
      { key: "lastActivity", title: "Last", kind: "time" },
      { key: "requests", title: "Requests", kind: "count", wide: true },
      { key: "totalTokens", title: "Tokens", kind: "tokens", wide: true },
      { key: "costNanos", title: "Cost", kind: "money", bar: true },
    ], found.sessions, { totals: found.totals, marks, filter: true, sort: ["lastActivity", true] });
  }));
  return [el("div.top", {}, el("h1", {}, "Sessions")), picker(asked), list.node];
}
