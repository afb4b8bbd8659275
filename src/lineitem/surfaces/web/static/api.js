// Asks the collector: the token goes in a header, answers that did not change are not sent again.

import { el } from "./dom.js";

const KEY = "lineitem/token";
const KNOWN = new Map(); // address -> {tag, value}
const ASKING = new Map(); // address -> promise
const MOST = 200;
let token = "";

/** Why an answer did not come: a sentence for people, and the status. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** Take the token from the address, where it is taken away at once, or from this tab's memory. */
export function takeToken() {
  const found = /^#token=([\w-]+)(?:&to=(.*))?$/.exec(location.hash);
  if (found) {
    token = found[1];
    history.replaceState(null, "", `${location.pathname}${location.search}#${decodeURIComponent(found[2] ?? "/")}`);
    try { sessionStorage.setItem(KEY, token); } catch { /* a frame without storage: memory does */ }
  } else if (!token) {
    try { token = sessionStorage.getItem(KEY) ?? ""; } catch { token = ""; }
  }
  return token !== "";
}

export function hasToken() {
  return token !== "";
}

function headers(more = {}) {
  return { Authorization: `Bearer ${token}`, ...more };
}

/** JSON in which a number that does not fit is a BigInt: amounts are whole nanodollars. */
export function parsed(text) {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context.source) : value);
}

function address(path, asked) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked ?? {})) {
    if (value !== "" && value !== null && value !== undefined) query.set(key, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function refusal(answer) {
  let text = "";
  try { text = (await answer.json()).error; } catch { /* not ours */ }
  return new Refused(answer.status, text || `The collector answered ${answer.status}.`);
}

/** The answer to a question; the same question, asked again before that is there, shares it. */
function get(path, asked) {
  const where = address(path, asked);
  let asking = ASKING.get(where);
  if (!asking) {
    asking = ask(where).finally(() => ASKING.delete(where));
    ASKING.set(where, asking);
  }
  return asking;
}

async function ask(where) {
  const known = KNOWN.get(where);
  let answer;
  try {
    answer = await fetch(where, { headers: headers(known ? { "If-None-Match": known.tag } : {}), cache: "no-store" });
  } catch {
    throw new Refused(0, "The collector does not answer. `lineitem serve` starts it; `lineitem autostart on` at every login.");
  }
  if (answer.status === 304) return known.value;
  if (!answer.ok) throw await refusal(answer);
  const value = parsed(await answer.text());
  KNOWN.delete(where);
  KNOWN.set(where, { tag: answer.headers.get("ETag"), value });
  if (KNOWN.size > MOST) KNOWN.delete(KNOWN.keys().next().value);
  return value;
}

/** What `lineitem NAME --json` prints, with these options. */
export function report(name, asked) {
  return get(`/v1/reports/${name}`, asked);
}

/** A chart of a report. */
export function chart(name, asked) {
  return get(`/v1/charts/${name}`, asked);
}

export function health() {
  return get("/v1/health", {});
}

async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: headers({ "Content-Type": "application/json" }), body: JSON.stringify(body) });
  } catch {
    throw new Refused(0, "The collector does not answer: nothing was changed.");
  }
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** Change a budget: add, edit, remove, override. */
export function changeBudget(name, action, body) {
  return post(`/v1/budgets/${encodeURIComponent(name)}/${action}`, body);
}

/** What a change of settings would do: {"health.preset": "intensive"}; null takes one out. Nothing happens. */
export function lookAtSettings(set) {
  return post("/v1/settings/look", { set });
}

/** Change settings. seen: what the look at it said of what would leave the machine. */
export function changeSettings(set, seen) {
  return post("/v1/settings/change", { set, seen });
}

const hidden = () => document.visibilityState === "hidden";

/** When the page is seen again; at once where it is. */
function seen() {
  return new Promise((done) => {
    const look = () => {
      if (hidden()) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });
}

/**
 * Call `heard` at every change of the ledger, and `state` with whether the stream is open. It never gives up.
 * A page that nobody sees holds no stream: a browser has six connections to a place, for all of its tabs.
 */
export async function follow(heard, state) {
  let wait = 500;
  let last = null;
  for (;;) {
    if (hidden()) {
      await seen();
      last = -1;
    }
    const going = new AbortController();
    const leave = () => { if (hidden()) going.abort(); };
    document.addEventListener("visibilitychange", leave);
    try {
      const answer = await fetch("/v1/events", { headers: headers(), cache: "no-store", signal: going.signal });
      if (answer.status === 401) return state("refused");
      if (!answer.ok) throw await refusal(answer);
      state("open");
      wait = 500;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        rest += value;
        const parts = rest.split("\n\n");
        rest = parts.pop();
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part);
          if (!data) continue;
          const news = JSON.parse(data[1]);
          if (last !== null && news.revision !== last) heard(news);
          last = news.revision;
        }
      }
    } catch { /* said by the state */ } finally {
      document.removeEventListener("visibilitychange", leave);
    }
    last = -1; // what happened meanwhile is news
    if (going.signal.aborted) continue;
    state("lost");
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, 10_000);
  }
}

/** A refusal as something to look at, with what to do about it. */
export function refused(error, again) {
  const what = error.status === 401
    ? "The token of this page is not the collector's. Run `lineitem open` to get a page with the right one."
    : error.message;
  return el("div.state.bad", { role: "alert" }, el("p", {}, what),
    again ? el("button", { type: "button", onclick: again }, "Try again") : null);
}
