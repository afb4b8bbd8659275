// A part of a page with a heading: it asks, says that it waits, draws, and says what is wrong and what to do.

import { refused } from "./api.js";
import { el, fill, sentence } from "./dom.js";

let numbered = 0;

export class Panel {
  /** ask: gives data, or a list of them; draw: elements of the data. */
  constructor(title, ask, draw, { note = null, classes = "", more = null, quiet = false } = {}) {
    this.ask = ask;
    this.draw = draw;
    this.data = undefined;
    const id = `panel-${++numbered}`;
    this.body = el("div.body", {}, quiet ? null : waiting());
    this.node = el(`section.panel${classes ? `.${classes}` : ""}`, { "aria-labelledby": id, "aria-busy": "true" },
      el("header", {}, el("h2", { id }, title), note ? el("p.note", {}, sentence(note)) : null, more), this.body);
  }

  async load() {
    try {
      const data = await this.ask();
      if (same(data, this.data) || this.busy()) return;
      this.data = data;
      fill(this.body, this.draw(data));
    } catch (error) {
      this.data = undefined;
      fill(this.body, refused(error, () => this.load()));
    } finally {
      this.node.removeAttribute("aria-busy");
    }
  }

  /** Whether somebody writes in it: what is written is not taken away. */
  busy() {
    const on = document.activeElement;
    return this.data !== undefined && this.body.contains(on) && /^(INPUT|SELECT|TEXTAREA)$/.test(on.tagName);
  }
}

function same(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((each, at) => each === other[at]);
  return one === other;
}

export function waiting() {
  return el("div.waiting", { role: "status" }, el("span.sr", {}, "Loading"), el("i", {}), el("i", {}), el("i", {}));
}

/** Nothing to show, and why. */
export function nothing(...said) {
  return el("p.state", {}, said.map((each) => (typeof each === "string" ? sentence(each) : each)));
}

/** A command to copy. */
export function command(text) {
  return el("code.command", { tabindex: "0" }, text);
}
