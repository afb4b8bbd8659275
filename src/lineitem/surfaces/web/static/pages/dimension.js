// The bill by one thing: projects, models, tools ... Each adds up to the whole.

import * as api from "../api.js";
import { Chart } from "../chart.js";
import { el } from "../dom.js";
import * as names from "../names.js";
import * as numbers from "../numbers.js";
import { nothing, Panel } from "../panel.js";
import { badge, marks, sessionLink } from "../parts.js";
import { picker, ranged, spoken } from "../range.js";
import { to } from "../route.js";
import { table } from "../table.js";

const money = (key, title, bar = false) => ({ key, title, kind: "money", bar });
const COST = money("costNanos", "Cost", true);
const REQUESTS = { key: "requests", title: "Requests", kind: "count", wide: true };
const TOKENS = [REQUESTS, { key: "totalTokens", title: "Tokens", kind: "tokens" },
  { key: "hit", title: "From cache", kind: "text", of: (row) => hit(row), wide: true }];
const PARTS = [money("generateNanos", "Generate"), money("ingestNanos", "Ingest"), money("carryNanos", "Carry")].map((each) => ({ ...each, wide: true }));

function hit(row) {
  const read = Number(row.cacheReadTokens ?? 0);
  const sent = read + Number(row.inputTokens ?? 0) + Number(row.cacheCreationTokens ?? 0);
  return sent ? numbers.share(read, sent) : numbers.UNKNOWN;
}

/** By path: title, key after g, what the report is called, what a row is, its columns. */
export const DIMENSIONS = {
  projects: { title: "Projects", key: "p", by: "project", columns: [
    { key: "project", title: "Project", link: (row) => (row.remainder ? null : to([], { since: "30d", project: row.project })), draw: (row) => el("span", { title: row.project }, names.project(row.project)) },
    ...TOKENS, { ...money("unloggedNanos", "Not logged"), wide: true }, COST] },
  models: { title: "Models", key: "m", by: "model", columns: [
    { key: "model", title: "Model", draw: (row) => badge(row.model) }, { key: "provider", title: "Provider", of: (row) => names.model(row.model).provider, tight: true, wide: true }, ...TOKENS,
    { key: "outputTokens", title: "Output", kind: "tokens", wide: true }, COST] },
  tools: { title: "Tools", key: "o", by: "tool", columns: [{ key: "tool", title: "Tool" }, { key: "calls", title: "Calls", kind: "count" }, ...PARTS,
    { ...money("rewriteNanos", "Rewritten"), wide: true }, { ...money("subtreeNanos", "Agents"), wide: true }, COST] },
  skills: { title: "Skills", key: "k", by: "skill", columns: [{ key: "skill", title: "Skill" }, ...TOKENS, COST] },
  agents: { title: "Agents", key: "a", by: "agent", columns: [{ key: "agent", title: "Agent" },
    { key: "sessionId", title: "Session", draw: (row) => (row.sessionId ? sessionLink(row.sessionId) : "–") }, REQUESTS, COST] },
  mcp: { title: "MCP servers", key: "c", by: "server", columns: [{ key: "server", title: "Server" }, { key: "calls", title: "Calls", kind: "count" },
    money("schemaNanos", "Schemas"), money("callNanos", "Calls cost"), COST] },
  memory: { title: "Memory files", key: "f", by: "cause", columns: [{ key: "cause", title: "File", of: (row) => row.cause.replace(/^memory\//, "") },
    money("ownNanos", "Own"), { ...COST, key: "totalNanos", title: "Cost" }] },
  branches: { title: "Branches", key: "r", by: "branch", columns: [{ key: "branch", title: "Branch" }, ...TOKENS, COST] },
  commits: { title: "Commits", key: "i", by: null, columns: [{ key: "commit", title: "Commit", draw: (row) => (/^\(/.test(row.commit) ? row.commit : el("code", { title: row.commit }, row.commit.slice(0, 10))) },
    { key: "subject", title: "Subject", wide: true }, { key: "branch", title: "Branch" }, { key: "at", title: "At", kind: "time", wide: true },
    { key: "sessionId", title: "Session", draw: (row) => (row.sessionId ? sessionLink(row.sessionId) : "–") }, COST] },
  efficiency: { title: "Efficiency", key: "y", by: null, columns: [{ key: "day", title: "Day", tight: true }, { key: "prompts", title: "Prompts", kind: "count" }, { ...REQUESTS },
    { key: "activeMs", title: "Working time", kind: "duration" }, { key: "tokensPerMinute", title: "Tokens a minute", kind: "count", wide: true },
    { key: "cacheHitRate", title: "From cache", kind: "share", wide: true }, { ...money("costPerHourNanos", "An hour"), wide: true }, { ...money("costPerPromptNanos", "A prompt"), wide: true }, COST] },
  prompts: { title: "Prompts", key: "q", by: null, columns: [{ key: "prompt", title: "Prompt", link: (row) => (row.sessionId ? to(["session", row.sessionId]) : null) },
    { key: "at", title: "At", kind: "time" }, { key: "source", title: "Source", tight: true }, { key: "name", title: "Name", wide: true }, REQUESTS, { ...money("ownNanos", "Own"), wide: true }, money("agentsNanos", "Agents"), COST] },
};

const NOTES = {
  tools: "What calls cost to write, to take in and to carry along; what agents spent is in their own rows.",
  mcp: "A server's schemas are sent with every request, whether it is called or not.",
  memory: "CLAUDE.md and its like: taken in once a window, carried by every request after.",
  prompts: "What each led to, its agents included.",
  skills: "Requests made while a skill was in force.",
  commits: "What led to each; the hash is the evidence, from the results of tool calls.",
  efficiency: "A pause of more than ten minutes is no work.",
};

export function dimension({ path, asked, add }) {
  const name = path[0];
  const about = DIMENSIONS[name];
  const range = ranged(asked);
  if (name === "projects") range.project = asked.project ?? "";
  const ask = name === "memory" ? () => api.report("bill", { ...range, under: "memory", rows: 1000 })
    : () => api.report(name, ["prompts", "agents", "commits"].includes(name) ? { ...range, rows: 1000 } : name === "projects" ? range : { ...range, session: asked.session ?? "" });
  const list = add.panel(new Panel(`${about.title}, ${spoken(asked)}`, ask, (found) => drawn(name, about, found), { note: NOTES[name] ?? null }));
  const over = ["project", "model", "branch", "skill"].includes(about.by);
  const chart = about.by && name !== "memory" ? add.chart(new Chart("explore",
    { ...range, by: about.by, split: over ? "" : { tool: "part", agent: "kind", server: "kind" }[about.by] ?? "", ...(over && range.since !== "today" ? { over: "day", split: "" } : {}) },
    { tall: 200, empty: "Nothing was spent in these days." })) : null;
  if (chart && over && range.since !== "today") Object.assign(chart.asked, { by: about.by === "model" ? "model" : about.by });
  return [el("div.top", {}, el("h1", {}, about.title)), picker(asked),
    chart ? el("section.panel", { "aria-label": "Chart" }, el("header", {}, el("h2", {}, over && range.since !== "today" ? `${about.title} by day` : `By ${about.by}`),
      el("a.more-link", { href: to(["explore"], { by: about.by, over: over ? "day" : "", since: asked.since, until: asked.until }) }, "explore")), chart.node) : null,
    list.node];
}

function drawn(name, about, found) {
  let rows = found[name];
  let totals = found.totals ?? null;
  if (name === "memory") {
    const memory = found.tree.children.find((each) => each.cause === "memory");
    rows = memory ? leaves(memory) : [];
    totals = memory ? { totalNanos: memory.totalNanos } : null;
  }
  if (!rows.length) return nothing(`Nothing of this kind in these days. Take more of them, or all.`);
  const omitted = found.rowsInAll?.[name];
  return [table(about.title, about.columns, rows, { totals, marks, filter: rows.length > 8, shown: 50, sort: [about.columns.at(-1).key, true] }),
    omitted ? el("p.note", {}, `The dearest ${numbers.count(rows.length)} of ${numbers.count(omitted)}. \`lineitem export ${name} -o ${name}.csv\` has all.`) : null];
}

function leaves(node) {
  return node.children.length ? node.children.flatMap(leaves) : [node];
}
