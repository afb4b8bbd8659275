// Anything by anything, over time: a chart, a table, and both as a file. What is asked stands in the address.

import * as api from "../api.js";
import { Chart } from "../chart.js";
import { el } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { badge, marks, sessionLink } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { change } from "../route.js";
import { table } from "../table.js";

const OF_REQUESTS = ["project", "model", "branch", "skill", "session"];
const OF_CAUSES = ["kind", "cause", "tool", "server", "agent", "part"];
const ALL = [...OF_REQUESTS, ...OF_CAUSES];

export function explore({ asked, add }) {
  const range = ranged(asked);
  const by = ALL.includes(asked.by) ? asked.by : "project";
  const split = ALL.includes(asked.split) && asked.split !== by ? asked.split : "";
  const causes = OF_CAUSES.includes(by) || OF_CAUSES.includes(split);
  const over = causes ? "" : asked.over ?? "";
  const wanted = { ...range, by, split, over, session: asked.session ?? "" };
  const rows = { ...wanted, rows: 2000 };
  const chart = add.chart(new Chart("explore", wanted, { tall: 240, empty: "Nothing was spent in these days." }));
  const list = add.panel(new Panel("The rows", () => api.report("explore", rows), (found) => drawn(found, by, split, over, wanted)));
  const choice = (name, text, values, value) => el("label", {}, el("span", {}, text),
    el("select", { name, onchange: (event) => change({ [name]: event.target.value }) }, values.map(([each, said]) => el("option", { value: each, selected: each === value }, said))));
  const text = (name, said) => el("label", {}, el("span", {}, said), el("input", { type: "search", name, value: asked[name] ?? "", placeholder: "any", onchange: (event) => change({ [name]: event.target.value.trim() }) }));
  return [
    el("div.top", {}, el("h1", {}, "Explore")), picker(asked),
    el("form.choices", { onsubmit: (event) => event.preventDefault() },
      choice("by", "By", ALL.map((each) => [each, each]), by),
      choice("split", "split by", [["", "nothing"], ...ALL.filter((each) => each !== by).map((each) => [each, each])], split),
      choice("over", "over", causes ? [["", "the whole range"]] : [["", "the whole range"], ["day", "days"], ["week", "weeks"], ["month", "months"]], over),
      text("project", "of project"), text("model", "of model")),
    causes ? el("p.note", {}, "What a cause cost is known of whole sessions: there are sums of it, and no time of their own.") : null,
    el("section.panel", { "aria-label": "Chart" }, el("header", {}, el("h2", {}, `Cost by ${by}${split ? `, split by ${split}` : ""}${over ? `, by ${over}` : ""}`), el("p.note", {}, spoken(asked))), chart.node),
    list.node,
  ];
}

function column(name) {
  const draw = {
    project: (row) => el("span", { title: row.project }, names.project(row.project)), model: (row) => badge(row.model),
    session: (row) => (/^\(/.test(row.session) ? row.session : sessionLink(row.session)), kind: (row) => [el(`i.dot.k-${row.kind}`), row.kind],
  }[name];
  return { key: name, title: name[0].toUpperCase() + name.slice(1), ...(draw ? { draw } : {}) };
}

function drawn(found, by, split, over, wanted) {
  if (!found.explore.length) return nothing("Nothing was spent in these days.");
  const columns = [...(over ? [{ key: "period", title: over[0].toUpperCase() + over.slice(1) }] : []), column(by), ...(split ? [column(split)] : []),
    ...(OF_REQUESTS.includes(by) && !OF_CAUSES.includes(split) ? [{ key: "requests", title: "Requests", kind: "count", wide: true }] : []),
    { key: "totalTokens", title: "Tokens", kind: "tokens" }, { key: "costNanos", title: "Cost", kind: "money", bar: true }];
  const options = Object.entries(wanted).filter(([, value]) => value).map(([key, value]) => `--${key} ${/^[\w.:-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`).join(" ");
  const save = (name, type, made) => el("button", { type: "button", onclick: () => download(name, type, made()) }, name.split(".").pop().toUpperCase());
  return [table("Explore", columns, found.explore, { totals: found.totals, marks, filter: true, shown: 60 }),
    el("div.export", {}, el("span", {}, "Save what is shown:"), save("explore.csv", "text/csv", () => csv(found.explore)), save("explore.json", "application/json", () => JSON.stringify(found, (_, value) => (typeof value === "bigint" ? JSON.rawJSON?.(value.toString()) ?? value.toString() : value), 2)),
      el("span", {}, "the same in a terminal:"), command(`lineitem explore ${options}`)),
    found.rowsInAll ? el("p.note", {}, `The first ${numbers.count(found.explore.length)} of ${numbers.count(found.rowsInAll.explore)} rows.`) : null];
}

/** RFC 4180, and no cell that a spreadsheet would take for a formula. */
export function csv(rows) {
  const keys = Object.keys(rows[0]);
  const cell = (value) => {
    let text = value === null || value === undefined ? "" : String(value);
    if (typeof value === "string" && /^[\s']*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [keys, ...rows.map((row) => keys.map((key) => row[key]))].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
