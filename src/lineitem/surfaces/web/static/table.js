// Rows as a real table: a caption, headings that sort, numbers to the right.

import { el, fill, say } from "./dom.js";
import * as numbers from "./numbers.js";

const SORTED = new Map(); // caption -> [key, descending]
const FIRST = 100;
const NUMBERS = new Set(["money", "tokens", "count", "share", "duration", "ratio", "percent"]);

/** How a value of a kind is written. */
export function written(value, kind, digits) {
  switch (kind) {
    case "money": return numbers.money(value, digits);
    case "tokens": return numbers.tokens(value);
    case "count": return numbers.count(value);
    case "share": return value === null || value === undefined ? numbers.UNKNOWN : numbers.share(Math.round(value * 1e4), 1e4);
    case "time": return numbers.moment(value);
    case "duration": return numbers.duration(value);
    case "ratio": return numbers.ratio(value);
    case "names": return (value ?? []).join(", ") || numbers.UNKNOWN;
    default: return value === null || value === undefined || value === "" ? numbers.UNKNOWN : String(value);
  }
}

/**
 * columns: {key, title, kind, of (row -> value), link (row -> address), draw (row -> element), bar, title_of}.
 * wide: left out where there is little room; tight: its text stays on one line.
 * totals: a row shown at the end; marks: row -> texts that say what is not certain of it.
 */
export function table(caption, columns, rows, { totals = null, marks = null, shown = FIRST, filter = false, sort = null, hidden = true } = {}) {
  const of = (column, row) => (column.of ? column.of(row) : row[column.key]);
  const most = new Map();
  for (const column of columns) {
    if (column.kind !== "money") continue;
    let largest = 0;
    for (const row of rows) largest = Math.max(largest, Math.abs(Number(of(column, row) ?? 0)));
    const whole = Math.max(largest, Math.abs(Number(totals?.[column.key] ?? 0)));
    most.set(column, { largest, digits: numbers.digitsFor(BigInt(Math.round(whole))) });
  }
  let [key, descending] = SORTED.get(caption) ?? sort ?? [null, true];
  let limit = shown;
  let wanted = "";
  const body = el("tbody");
  const more = el("p.more");

  const sorted = () => {
    let found = rows;
    if (wanted) {
      const words = wanted.toLowerCase().split(/\s+/);
      found = rows.filter((row) => {
        const text = columns.map((column) => (NUMBERS.has(column.kind) ? "" : String(of(column, row) ?? ""))).join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
    }
    if (key === null) return found;
    const last = (row) => (row.remainder ? 1 : 0); // what belongs to none of the rows stands below them
    const column = columns.find((each) => each.key === key);
    if (!column) return found;
    const number = NUMBERS.has(column.kind);
    return [...found].sort((one, other) => {
      if (last(one) !== last(other)) return last(one) - last(other);
      const [a, b] = [of(column, one), of(column, other)];
      const [none_a, none_b] = [a === null || a === undefined, b === null || b === undefined];
      if (none_a || none_b) return none_a - none_b;
      const order = number ? (a < b ? -1 : a > b ? 1 : 0) : String(a).localeCompare(String(b));
      return descending ? -order : order;
    });
  };

  const shape = (column) => `${NUMBERS.has(column.kind) ? ".num" : column.kind === "time" || column.tight ? ".tight" : ""}${column.wide ? ".wide" : ""}`;

  const cell = (column, row) => {
    const value = of(column, row);
    let text = written(value, column.kind, most.get(column)?.digits);
    if (column.kind === "money" && value !== null && value !== undefined && column.estimated?.(row)) text = numbers.about(text);
    const inner = column.draw ? column.draw(row, text) : text;
    const made = el(`td${shape(column)}${column.kind === "money" && value !== null && value !== undefined && !Number(value) ? ".zero" : ""}`, { "data-title": column.title, title: column.hint ? column.hint(row) : null },
      column.link && column.link(row) ? el("a", { href: column.link(row) }, inner) : inner);
    if (column.bar) {
      const bar = el("span.fill", { "aria-hidden": "true" });
      const part = most.get(column).largest ? Math.max(0, Number(value ?? 0)) / most.get(column).largest : 0;
      bar.style.setProperty("width", `${(part * 100).toFixed(2)}%`);
      made.append(bar);
      made.classList.add("barred");
    }
    if (column === columns[0] && marks) for (const mark of marks(row)) made.append(" ", el("span.mark", {}, mark));
    return made;
  };

  const draw = () => {
    const found = sorted();
    fill(body, found.slice(0, limit).map((row) => el(row.remainder ? "tr.rest" : "tr", {}, columns.map((column) => cell(column, row)))));
    const left = found.length - limit;
    fill(more, left > 0 ? el("button", { type: "button", onclick: () => { limit = Infinity; draw(); } }, `Show ${numbers.count(left)} more`) : null,
      wanted && !found.length ? "Nothing matches." : null);
    for (const [at, column] of columns.entries()) {
      const th = head.children[at];
      if (key === column.key) th.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
  };

  const by = (column) => {
    descending = key === column.key ? !descending : NUMBERS.has(column.kind) || column.kind === "time";
    key = column.key;
    SORTED.set(caption, [key, descending]);
    draw();
    say(`Sorted by ${column.title}, ${descending ? "largest" : "smallest"} first`);
  };

  const head = el("tr", {}, columns.map((column) =>
    el(`th${shape(column)}`, { scope: "col" }, el("button", { type: "button", onclick: () => by(column) }, column.title))));
  const foot = totals ? el("tfoot", {}, el("tr", {}, columns.map((column, at) =>
    at === 0 ? el("th", { scope: "row" }, "Total")
      : totals[column.key] === undefined ? el(`td${shape(column)}`) : el(`td${shape(column)}`, {}, written(totals[column.key], column.kind, most.get(column)?.digits))))) : null;
  const find = filter ? el("input.filter", { type: "search", placeholder: "Filter  /", "aria-label": `Filter: ${caption}`,
    oninput: (event) => { wanted = event.target.value.trim(); limit = wanted ? FIRST : shown; draw(); } }) : null;
  const made = el("div.table", {}, find,
    el("div.scroll", { tabindex: "0", role: "region", "aria-label": `Table: ${caption}` },
      el("table", {}, el(hidden ? "caption.sr" : "caption", {}, caption), el("thead", {}, head), body, foot)), more);
  draw();
  return made;
}
