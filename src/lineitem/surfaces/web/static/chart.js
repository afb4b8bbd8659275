// Charts: the specification comes from the collector, Vega draws it, without a line of script in it being run.

import * as api from "./api.js";
import { el, fill } from "./dom.js";

let drawing = null;

/** Vega's own script, loaded when the first chart is wanted; null where it is not there. */
function vega() {
  drawing ??= new Promise((done) => {
    const script = el("script", { src: "/static/vega.js" });
    script.addEventListener("load", () => done(window.vegaEmbed ?? null));
    script.addEventListener("error", () => done(null));
    document.head.append(script);
  });
  return drawing;
}

const tip = () => document.getElementById("tip");

/** Shows a text beside the pointer. */
export function tooltip(_, event, __, value) {
  const shown = tip();
  if (value === null || value === undefined || value === "") {
    shown.hidden = true;
    return;
  }
  shown.textContent = String(value);
  shown.hidden = false;
  const wide = shown.offsetWidth;
  const high = shown.offsetHeight;
  const x = Math.min(event.clientX + 14, innerWidth - wide - 8);
  const y = event.clientY + 18 + high > innerHeight ? event.clientY - high - 10 : event.clientY + 18;
  shown.style.setProperty("left", `${Math.max(8, x)}px`);
  shown.style.setProperty("top", `${y}px`);
}

export function theme() {
  const wanted = document.documentElement.dataset.theme;
  if (wanted === "light" || wanted === "dark") return wanted;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * A chart that draws itself anew when the page is made wider or the theme changes.
 * pick: called with the datum of what was clicked; beside: a panel with the table that says the same, under a
 * disclosure, asked for when that is opened.
 */
export class Chart {
  constructor(name, asked, { pick = null, beside = null, empty = "Nothing to draw yet.", tall = 160 } = {}) {
    this.name = name;
    this.asked = asked;
    this.pick = pick;
    this.place = el("div.chart");
    this.place.style.setProperty("min-height", `${tall}px`);
    this.empty = empty;
    this.beside = beside;
    this.words = beside ? el("details", { ontoggle: () => { if (this.words.open) beside.load(); } }, el("summary", {}, "As a table"), beside.node) : null;
    this.node = el("figure", {}, this.place, this.words);
    this.drawn = 0;
    this.view = null;
    this.spec = null; // what is drawn
    this.watched = new ResizeObserver(() => {
      if (this.place.clientWidth && Math.abs(this.place.clientWidth - this.drawn) > 24) this.draw();
    });
    this.watched.observe(this.place);
  }

  /** Ask for it and draw it; what was drawn stays until then. */
  async draw(asked = this.asked) {
    this.asked = asked;
    if (this.words?.open) this.beside.load();
    const width = Math.min(4000, Math.max(200, Math.floor(this.place.clientWidth)));
    if (!this.place.isConnected || !this.place.clientWidth) return;
    this.drawn = this.place.clientWidth;
    try {
      const [spec, embed] = await Promise.all([api.chart(this.name, { ...asked, width, theme: theme() }), vega()]);
      if (spec === this.spec) return; // the same answer as before, at the same width, in the same theme
      this.spec = spec;
      if (!embed) return this.without();
      if (!spec.marks?.length) return this.clear(el("p.state", {}, this.empty));
      const found = await embed(this.place, structuredClone(spec), {
        ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip, logLevel: 1,
      });
      this.view?.finalize();
      this.view = found;
      this.place.style.removeProperty("min-height");
      const svg = this.place.querySelector("svg");
      svg.setAttribute("aria-label", spec.description ?? this.name);
      svg.setAttribute("role", "img"); // one picture: the table beside it has the figures
      for (const part of svg.children) part.setAttribute("aria-hidden", "true");
      if (this.pick) found.view.addEventListener("click", (_, item) => item?.datum && this.pick(item.datum));
    } catch (error) {
      this.spec = null;
      this.clear(error instanceof api.Refused ? api.refused(error, () => this.draw()) : el("p.state", {}, `This chart cannot be drawn: ${error.message}`));
    }
  }

  clear(...said) {
    this.place.style.removeProperty("min-height");
    this.view?.finalize();
    this.view = null;
    fill(this.place, ...said);
  }

  without() {
    this.clear(el("p.state", {}, "Charts need Vega, which this installation lacks: `pip install 'lineitem[pictures]'`, then start the collector again. The tables say the same."));
    if (this.words) this.words.open = true;
  }

  end() {
    this.watched.disconnect();
    this.view?.finalize();
  }
}
