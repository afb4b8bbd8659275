// Which days are meant: a day of the last seven, so many days back, or any two days. It stands in the address.

import { el } from "./dom.js";
import * as numbers from "./numbers.js";
import { change } from "./route.js";

const PRESETS = [["today", "Today"], ["7d", "7 days"], ["30d", "30 days"], ["90d", "90 days"], ["all", "All"]];

/** The options of reports for what the address asks; usual: where it asks for nothing. */
export function ranged(asked, usual = "7d") {
  const since = asked.since ?? (asked.until ? "" : usual);
  return { since: since === "all" ? "" : since, until: asked.until ?? "", project: asked.project ?? "", model: asked.model ?? "" };
}

/** What a range is called. */
export function spoken(asked, usual = "7d") {
  const since = asked.since ?? (asked.until ? "" : usual);
  if (asked.until && asked.until === since) return asked.until === numbers.dayOf(new Date()) ? "today" : asked.until;
  if (asked.until) return since && since !== "all" ? `${since} to ${asked.until}` : `up to ${asked.until}`;
  return { today: "today", all: "all time", yesterday: "since yesterday" }[since] ?? (/^\d+[dwh]$/.test(since) ? `the last ${since.replace("d", " days").replace("w", " weeks").replace("h", " hours")}` : `since ${since}`);
}

/** Buttons and two dates. days: rows of `daily`, for the picker of the last seven. */
export function picker(asked, usual = "7d", days = null) {
  const since = asked.since ?? (asked.until ? "" : usual);
  const pressed = (on) => ({ "aria-pressed": on ? "true" : "false", type: "button" });
  const presets = PRESETS.map(([word, text]) =>
    el("button", { ...pressed(since === word && !asked.until), onclick: () => change({ since: word === usual ? "" : word, until: "" }) }, text));
  const input = (name, text) => el("label", {}, el("span.sr", {}, text),
    el("input", { type: "date", name, value: /^\d{4}-/.test(asked[name] ?? "") ? asked[name] : "", max: numbers.dayOf(new Date()),
      onchange: (event) => change({ [name]: event.target.value }) }));
  return el("div.range", { role: "group", "aria-label": "Days" },
    days ? week(asked, days) : null,
    el("div.chosen", {}, el("div.presets", {}, presets),
      el("div.dates", {}, input("since", "From"), el("span", { "aria-hidden": "true" }, "–"), input("until", "To"))));
}

function week(asked, rows) {
  const known = new Map(rows.map((row) => [row.date, row]));
  const days = [];
  const today = new Date();
  for (let back = 6; back >= 0; back -= 1) {
    const day = numbers.dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - back));
    days.push([day, known.get(day)?.costNanos ?? 0, back]);
  }
  const most = Math.max(...days.map(([, nanos]) => Number(nanos)), 1);
  return el("div.week", {}, days.map(([day, nanos, back]) => {
    const on = back === 0 ? (asked.since ?? "today") === "today" && !asked.until : asked.since === day && asked.until === day;
    const name = back === 0 ? "Today" : new Date(`${day}T12:00`).toLocaleDateString("en", { weekday: "short" });
    const bar = el("i", { "aria-hidden": "true" });
    bar.style.setProperty("height", `${Math.max(4, (Number(nanos) / most) * 100)}%`);
    return el("button", { type: "button", "aria-pressed": on ? "true" : "false", title: day,
      onclick: () => change(back === 0 ? { since: "", until: "" } : { since: day, until: day }) },
      el("span.column", {}, bar), el("b", {}, name), el("small", {}, numbers.money(nanos, !Number(nanos) || most >= 1e10 ? 0 : numbers.digitsFor(BigInt(Math.round(most))))));
  }));
}
