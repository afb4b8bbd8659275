// What is set: thresholds and their presets, prices, and what would leave this machine. Changed in settings.toml.

import * as api from "../api.js";
import { el } from "../dom.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { table } from "../table.js";

const PRESETS = [["economical", 50_000, 100_000], ["standard", 80_000, 150_000], ["intensive", 120_000, 200_000]];

export function settings({ add }) {
  const health = add.panel(new Panel("Health of sessions", () => api.report("health"), (found) => {
    const { yellow, red } = found.thresholds;
    return [el("p", {}, `Yellow from ${numbers.tokens(yellow)} tokens of context, red from ${numbers.tokens(red)}.`),
      table("Presets", [{ key: "name", title: "Preset", draw: (row) => (row.yellow === yellow && row.red === red ? el("b", {}, `${row.name} (yours)`) : row.name) }, { key: "yellow", title: "Yellow", kind: "tokens" }, { key: "red", title: "Red", kind: "tokens" },
        { key: "line", title: "In settings.toml", draw: (row) => command(`[health]\npreset = "${row.name}"`) }], PRESETS.map(([name, from, to]) => ({ name, yellow: from, red: to })))];
  }, { note: "docs/insights.md has all of [health]" }));
  const leaves = add.panel(new Panel("What would leave this machine", () => api.report("egress"), (found) => found.egress.length
    ? table("What would leave this machine", [{ key: "channel", title: "Channel" }, { key: "host", title: "Host" }, { key: "sends", title: "What is sent" }], found.egress)
    : nothing("Nothing: no alert channel is set, and the classifier is off. This page itself loads nothing from anywhere but the collector."), { note: "`lineitem status --egress`" }));
  const privacy = el("section.panel", { "aria-label": "Privacy" }, el("header", {}, el("h2", {}, "Privacy")),
    el("p", {}, "No text of a prompt, of a tool's input or of its output is stored: sizes, names and times are, and a short target for each tool call, with secrets redacted."));
  const where = el("section.panel", { "aria-label": "Where it is set" }, el("header", {}, el("h2", {}, "Where it is set")),
    el("p", {}, "All settings are in one file, settings.toml; `lineitem doctor` says where the store is. Channels for alerts are sections of it: docs/alerts.md. Start the collector again when you changed it."));
  const prices = add.panel(new Panel("Prices in force", () => api.report("prices"), (found) => [
    table("Prices", [{ key: "model", title: "Model", tight: true }, { key: "since", title: "Since", tight: true, wide: true }, ...["input", "cacheWrite5m", "cacheWrite1h", "cacheRead", "output"].map((key) => ({ key, title: { input: "Input", cacheWrite5m: "Write 5m", cacheWrite1h: "Write 1h", cacheRead: "Read", output: "Output" }[key], draw: (row) => el("span.num", {}, `$${row[key]}`) })),
      { key: "checked", title: "Checked", tight: true, wide: true }, { key: "source", title: "Source", wide: true, draw: (row) => el("span.target", { title: row.source }, row.source) }], found.prices, { filter: true, shown: 40 }),
    el("p.note", {}, `${found.unit}. Your own rates and discounts: [prices] in settings.toml, docs/prices.md.`)]));
  return [el("div.top", {}, el("h1", {}, "Settings")), el("div.grid", {}, health.node, leaves.node, privacy, where), prices.node];
}
