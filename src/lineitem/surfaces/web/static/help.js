// Keys, and what the marks mean.

import { el } from "./dom.js";

const MARKS = [["~", "split by estimate: the sum it is a part of is exact"], ["provisional", "no transcript tells of it yet: it may change"],
  ["unpriced", "a model without a known price: its tokens are counted, its cost is in no sum"],
  ["remainder", "what belongs to none of the rows, so that they add up to the bill"]];

/** Show it until it is closed. */
export function help(pages) {
  const made = el("dialog", { "aria-labelledby": "help-title" },
    el("h2", { id: "help-title" }, "Keys"),
    el("dl.keys", {},
      el("dt", {}, el("kbd", {}, "/")), el("dd", {}, "filter the first table"),
      pages.filter(([, , letter]) => letter).map(([, name, letter]) => [
        el("dt", {}, el("kbd", {}, "g"), " ", el("kbd", {}, letter)), el("dd", {}, name)]),
      el("dt", {}, el("kbd", {}, "?")), el("dd", {}, "this")),
    el("h2", {}, "Marks"),
    el("dl.keys", {}, MARKS.map(([mark, said]) => [el("dt", {}, mark), el("dd", {}, said)])),
    el("p.note", {}, "Every figure is what the command line prints with --json, to the nanodollar. List prices."),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, "Close")));
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
}
