// What several pages show alike: figures, bars, badges.

import { el } from "./dom.js";
import * as names from "./names.js";
import * as numbers from "./numbers.js";
import { nothing, Panel } from "./panel.js";
import { to } from "./route.js";
import { table } from "./table.js";

/** A field of a form, with its words above it. */
export function field(name, text, more = {}) {
  return el("label", {}, el("span", {}, text), el("input", { type: "text", name, autocomplete: "off", ...more }));
}

/** A choice among values, each a text or [value, words]; one that is chosen and not among them stands last. */
export function choice(name, text, values, chosen) {
  const all = values.map((each) => (Array.isArray(each) ? each : [each, each]));
  if (chosen !== undefined && !all.some(([value]) => value === chosen)) all.push([chosen, chosen]);
  return el("label", {}, el("span", {}, text), el("select", { name }, all.map(([value, words]) => el("option", { value, selected: value === chosen }, words))));
}

/** A figure with what it is called, and words beside it. */
export function figure(title, value, ...beside) {
  return el("div.figure", {}, el("h3", {}, title), el("p.value", {}, value), beside.length ? el("div.beside", {}, beside) : null);
}

/** A bar that is full to a part; level: ok, warn or bad; marks: [part, what is there]. */
export function meter(part, text, level = "ok", marks = []) {
  const inner = el("i");
  inner.style.setProperty("width", `${(Math.max(0, Math.min(1, part)) * 100).toFixed(2)}%`);
  const made = el(`div.meter.${level}`, { role: "img", "aria-label": text }, inner);
  for (const [at, said] of marks) {
    const tick = el("b", { title: said });
    tick.style.setProperty("left", `${(Math.max(0, Math.min(1, at)) * 100).toFixed(2)}%`);
    made.append(tick);
  }
  return made;
}

export const TOKENS = [["inputTokens", "Uncached", "k-unlogged"], ["cacheCreationTokens", "Cache write", "k-memory"],
  ["cacheReadTokens", "Cache read", "k-tool"], ["outputTokens", "Output", "k-prompt"]];

/** Tokens by kind as one bar and its words. */
export function tokenBar(row) {
  const all = TOKENS.reduce((sum, [key]) => sum + Number(row[key] ?? 0), 0);
  return el("div.stack", {},
    el("div.bar", { "aria-hidden": "true" }, TOKENS.map(([key, , colour]) => {
      const part = el(`i.${colour}`);
      part.style.setProperty("width", `${all ? (Number(row[key] ?? 0) / all) * 100 : 0}%`);
      return part;
    })),
    el("dl.legend", {}, TOKENS.map(([key, name, colour]) => el("div", {}, el("dt", {}, el(`i.dot.${colour}`), name),
      el("dd", {}, numbers.tokens(row[key] ?? 0))))));
}

/** A model's short name and where it runs. */
export function badge(id) {
  const { name, provider } = names.model(id);
  return el("span.model", { title: id ?? null }, name, provider && provider !== "Anthropic" ? el("small.badge", {}, provider) : null);
}

export function sessionLink(id, text = names.session(id)) {
  return el("a.id", { href: to(["session", id]), title: id }, text);
}

/** The way from the whole bill to a cause: address of each step by its cause. */
export function trail(root, address) {
  if (!root) return null;
  const parts = root.split("/");
  return el("nav.trail", { "aria-label": "Where in the bill" }, el("a", { href: address("") }, "The bill"), parts.map((part, at) => [" › ",
    at + 1 < parts.length ? el("a", { href: address(parts.slice(0, at + 1).join("/")) }, part) : el("b", {}, part)]));
}

/** The rows of a bill that its chart shows: the causes right below one. address: of a cause. */
export function causes(ask, root, address) {
  return new Panel("Causes", ask, (found) => {
    let node = found.tree;
    while (root && node.cause !== root) {
      node = node.children.find((child) => root === child.cause || root.startsWith(`${child.cause}/`));
      if (!node) return nothing("There is no such cause in this bill.");
    }
    const whole = node.totalNanos;
    return table("Causes of the bill", [
      { key: "cause", title: "Cause", link: (row) => (row.children.length ? address(row.cause) : null) },
      { key: "ownNanos", title: "Own", kind: "money", wide: true }, { key: "totalNanos", title: "Total", kind: "money", bar: true },
      { key: "share", title: "Share", of: (row) => numbers.share(row.totalNanos, whole), kind: "text" },
    ], node.children, { shown: 30 });
  }, { classes: "bare", quiet: true });
}

/** Costs by day as rows. */
export function byDay(ask, caption = "Cost by day") {
  return new Panel(`${caption}, as rows`, ask, (found) => table(caption, [
    { key: "date", title: "Day", tight: true }, { key: "requests", title: "Requests", kind: "count", wide: true }, { key: "totalTokens", title: "Tokens", kind: "tokens" },
    { key: "costNanos", title: "Cost", kind: "money", bar: true },
  ], found.daily, { totals: found.totals, marks, sort: ["date", true], shown: 31 }), { classes: "bare", quiet: true });
}

/** Words for what is not certain of a row. */
export function marks(row) {
  return [row.provisional || row.provisionalNanos ? "provisional" : null, Number(row.unpricedTokens ?? 0) > 0 ? "unpriced" : null].filter(Boolean);
}

/** What part of what was sent came from the cache: the share of tokens. */
export function cacheHit(row) {
  const read = Number(row.cacheReadTokens ?? 0);
  const sent = read + Number(row.inputTokens ?? 0) + Number(row.cacheCreationTokens ?? 0);
  return sent ? numbers.share(read, sent) : numbers.UNKNOWN;
}

/** Sum amounts exactly, whatever their size. */
export function sum(rows, key) {
  return rows.reduce((all, row) => all + BigInt(row[key] ?? 0), 0n);
}
