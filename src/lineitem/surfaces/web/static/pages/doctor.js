// What is wrong here and how to mend it; whether the collector is well.

import * as api from "../api.js";
import { el } from "../dom.js";
import * as numbers from "../numbers.js";
import { nothing, Panel } from "../panel.js";
import { figure } from "../parts.js";
import { table } from "../table.js";

export function doctor({ add }) {
  const collector = add.panel(new Panel("The collector", () => api.health(), (found) => [
    el("div.figures", {}, figure("It is", el("span.mid", {}, found.status), found.failure ?? ""), figure("Runs for", el("span.mid", {}, numbers.duration(found.uptimeSeconds * 1000)), `version ${found.version}`),
      figure("Brought up to date", el("span.mid", {}, numbers.many(found.rounds, "time"))), figure("Waiting for the store", el("span.mid", {}, found.waiting === null ? "–" : numbers.count(found.waiting)))),
    found.hooksLost ? el("p.state.bad", {}, `${numbers.many(found.hooksLost, "hook")} of lineitem's were taken out of Claude Code's settings: \`lineitem install --repair\` puts them back.`) : null,
    Object.keys(found.received).length ? table("Received", [{ key: "what", title: "Received" }, { key: "count", title: "How many", kind: "count" }], Object.entries(found.received).map(([what, count]) => ({ what, count }))) : nothing("Nothing was received: `lineitem install` puts hooks and the statusline into Claude Code. Transcripts are followed all the same."),
  ]));
  const store = add.panel(new Panel("The store", () => api.report("doctor"), (found) => [
    el("p", {}, found.sound ? "It is sound: " : el("b", {}, "It is damaged: "), el("code", {}, found.store.path), `, ${numbers.count(found.store.bytes)} bytes`),
    table("Rows", [{ key: "what", title: "Of" }, { key: "rows", title: "Rows", kind: "count" }], ["file", "sighting", "request", "session", "problem", "item"].filter((key) => key in found.store).map((key) => ({ what: key, rows: found.store[key] }))),
    el("h3", {}, "Folders that are read"),
    table("Folders", [{ key: "path", title: "Folder" }, { key: "exists", title: "State", of: (row) => (row.exists ? "is there" : "is not there") }], found.folders),
    el("h3", {}, "Problems"),
    found.problems.length ? table("Problems", [{ key: "slug", title: "Problem" }, { key: "count", title: "How often", kind: "count" }, { key: "place", title: "For example", of: (row) => (row.places?.[0] ? `${row.places[0].path}${row.places[0].note ? `: ${row.places[0].note}` : ""}` : "") }], found.problems) : nothing("None."),
    found.unpricedModels.length ? [el("h3", {}, "Models without a price"), table("Models without a price", [{ key: "model", title: "Model" }, { key: "requests", title: "Requests", kind: "count" }, { key: "tokens", title: "Tokens", kind: "tokens" }, { key: "reason", title: "Why" }], found.unpricedModels)] : null,
  ]));
  return [el("div.top", {}, el("h1", {}, "Doctor")), collector.node, store.node];
}
