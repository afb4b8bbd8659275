// The shell: pages by their address, what is around them, keys, and the news.

import "./trust.js";
import * as api from "./api.js";
import { el, fill, say } from "./dom.js";
import { help } from "./help.js";
import { command } from "./panel.js";
import { here, to } from "./route.js";
import { advice } from "./pages/advice.js";
import { anomalies } from "./pages/anomalies.js";
import { audit, budgets } from "./pages/budgets.js";
import { dimension, DIMENSIONS } from "./pages/dimension.js";
import { doctor } from "./pages/doctor.js";
import { explore } from "./pages/explore.js";
import { session } from "./pages/session.js";
import { sessions } from "./pages/sessions.js";
import { settings } from "./pages/settings.js";
import { today } from "./pages/today.js";

/** [path, what it is called, key after g, who makes it] */
const PAGES = [
  ["", "Today", "t", today],
  ["sessions", "Sessions", "s", sessions],
  ["explore", "Explore", "e", explore],
  ...Object.entries(DIMENSIONS).map(([path, about]) => [path, about.title, about.key, dimension]),
  ["anomalies", "What stands out", "x", anomalies],
  ["advice", "Advice", "v", advice],
  ["budgets", "Budgets", "b", budgets],
  ["audit", "Audit log", "", audit],
  ["settings", "Settings", ",", settings],
  ["doctor", "Doctor", "d", doctor],
];
const GROUPS = [["", ["", "sessions", "explore"]], ["The bill by", Object.keys(DIMENSIONS)],
  ["Watch and limit", ["anomalies", "advice", "budgets", "audit"]], ["This installation", ["settings", "doctor"]]];
const THEMES = ["auto", "light", "dark"];

const main = document.getElementById("main");
const bar = document.getElementById("bar");
const nav = document.getElementById("nav");
let page = null; // {panels, charts, key}
let reached = null;
let followed = false; // whether the stream was ever open

// -- what is around

function remembered(key, otherwise) {
  try { return localStorage.getItem(key) ?? otherwise; } catch { return otherwise; }
}

function useTheme(name) {
  document.documentElement.dataset.theme = name;
  try { localStorage.setItem("lineitem/theme", name); } catch { /* for this page, then */ }
  fill(themed, { auto: "◐", light: "☀", dark: "☾" }[name]);
  themed.setAttribute("aria-label", `Theme: ${name}`);
  themed.setAttribute("title", `Theme: ${name}`);
  for (const chart of page?.charts ?? []) chart.draw();
}

const themed = el("button.icon", { type: "button", onclick: () =>
  useTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]) });
const state = el("span.state-dot", { role: "status" });
const menu = el("button.icon.menu", { type: "button", "aria-label": "Pages", "aria-expanded": "false", "aria-controls": "nav",
  onclick: () => openMenu(!document.body.classList.contains("menu-open")) }, "☰");

function openMenu(open) {
  document.body.classList.toggle("menu-open", open);
  menu.setAttribute("aria-expanded", open ? "true" : "false");
}

function around() {
  fill(bar, menu, el("a.brand", { href: "#/" }, mark(), el("b", {}, "lineitem")),
    el("span.space"), state,
    el("button.icon", { type: "button", "aria-label": "Keys and help", title: "Keys and help (?)", onclick: () => help(PAGES) }, "?"), themed);
  fill(nav, GROUPS.map(([title, paths]) => el("div", {}, title ? el("h2", {}, title) : null, el("ul", {}, paths.map((path) => {
    const [, name, key] = PAGES.find(([each]) => each === path);
    return el("li", {}, el("a", { href: to(path ? [path] : []), "data-path": path, title: key ? `g ${key}` : null }, name));
  })))));
}

function mark() {
  return el("span.mark-icon", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}

function streaming(how) {
  const said = { open: "Live", lost: "Not connected", refused: "Wrong token" }[how];
  const back = reached === "lost" && how === "open" && followed;
  followed ||= how === "open";
  reached = how;
  fill(state, el("i", { "aria-hidden": "true" }), said);
  state.className = `state-dot ${how}`;
  if (back) renew();
}

// -- pages

async function show() {
  const { path, asked } = here();
  const found = PAGES.find(([each]) => each === (path[0] ?? "")) ?? (path[0] === "session" ? ["session", "Session", "", session] : null);
  for (const chart of page?.charts ?? []) chart.end();
  openMenu(false);
  for (const link of nav.querySelectorAll("a")) {
    const on = link.dataset.path === (path[0] === "session" ? "sessions" : path[0] ?? "");
    if (on) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const before = page?.name;
  page = { panels: [], charts: [], name: path[0] ?? "", news: null };
  if (!found) {
    document.title = "lineitem";
    fill(main, el("h1", {}, "There is no such page"), el("p", {}, el("a", { href: "#/" }, "Today")));
    await renew();
    return;
  }
  document.title = `${found[1]} · lineitem`;
  const add = {
    panel: (panel) => { page.panels.push(panel); return panel; },
    chart: (chart) => { page.charts.push(chart); return chart; },
    news: (call) => { page.news = call; },
  };
  const shown = page;
  const made = await found[3]({ path, asked, add, title: found[1] });
  if (shown !== page) return; // somebody went on
  fill(main, made);
  if (before !== page.name) {
    scrollTo(0, 0);
    if (before !== undefined) { main.focus({ preventScroll: true }); say(found[1]); }
  }
  await renew();
}

/** Ask again for all that the page shows; what did not change stays as it is. */
let renewing = false;
let again = false;
async function renew() {
  if (!page) return;
  if (renewing) { again = true; return; }
  renewing = true;
  const shown = page;
  try {
    shown.news?.();
    await Promise.all([...shown.panels.map((panel) => panel.load()), ...shown.charts.map((chart) => chart.draw())]);
    document.body.dataset.ready = String(Number(document.body.dataset.ready ?? 0) + 1);
    if (!performance.getEntriesByName("complete").length) performance.mark("complete");
  } finally {
    renewing = false;
    if (again || shown !== page) { again = false; renew(); }
  }
}

function locked() {
  fill(bar, el("a.brand", { href: "#/" }, mark(), el("b", {}, "lineitem")), el("span.space"), themed);
  fill(nav);
  document.body.classList.add("locked");
  fill(main, el("section.panel.lock", {}, el("h1", {}, "This page has no token"),
    el("p", {}, "What it shows is yours alone. In a terminal on this machine, run"),
    el("p", {}, command("lineitem open")),
    el("p.note", {}, "It opens this page with a token in its address, which is taken away at once and sent to no other program. "
      + "In VS Code: run `lineitem open --print` in its terminal and give the address to “Simple Browser: Show”.")));
}

// -- keys

let gone = -Infinity; // when `g` was pressed
function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.key !== "Escape") return;
  const now = performance.now();
  if (now - gone < 1200) {
    const found = PAGES.find(([, , letter]) => letter && letter === event.key);
    gone = -Infinity;
    if (found) { location.hash = to(found[0] ? [found[0]] : []); event.preventDefault(); }
    return;
  }
  if (event.key === "g") gone = now;
  else if (event.key === "?") help(PAGES);
  else if (event.key === "/") {
    const field = main.querySelector("input[type=search]");
    if (field) { field.focus(); event.preventDefault(); }
  } else if (event.key === "Escape") {
    openMenu(false);
    if (/^(INPUT|SELECT)$/.test(event.target.tagName)) event.target.blur();
  }
}

function start() {
  const theme = remembered("lineitem/theme", "auto");
  useTheme(THEMES.includes(theme) ? theme : "auto");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const chart of page?.charts ?? []) chart.draw(); });
  addEventListener("hashchange", () => {
    const had = api.hasToken();
    if (location.hash.startsWith("#token=")) {
      api.takeToken();
      if (!had || reached === "refused") { location.reload(); return; }
    }
    if (api.hasToken()) show();
  });
  if (!api.takeToken()) { locked(); return; }
  around();
  document.addEventListener("keydown", key);
  streaming("lost");
  show();
  api.follow(() => renew(), streaming);
}

start();
