// What is set, and most of it changed here: thresholds, prices, alerts and their channels, what a model may be asked.

import * as api from "../api.js";
import { el } from "../dom.js";
import * as numbers from "../numbers.js";
import { command, nothing, Panel } from "../panel.js";
import { choice, field } from "../parts.js";
import { below, changer, spelled, value } from "../setting.js";
import { table } from "../table.js";

const ask = () => api.report("settings");

export function settings({ add }) {
  const panels = [];
  const panel = (...given) => { const made = add.panel(new Panel(...given)); panels.push(made); return made; };
  const reload = () => { for (const each of panels) each.load(); };
  const { said, apply } = changer(reload);
  const health = panel("Health of sessions", ask, (found) => thresholds(found, apply), { note: "how large a context may get" });
  const leaves = panel("What would leave this machine", ask, (found) => found.egress.length
    ? table("What would leave this machine", [{ key: "channel", title: "Channel" }, { key: "host", title: "To" }, { key: "sends", title: "What is sent" }], found.egress)
    : nothing("Nothing: no alert channel is set, and the classifier is off. This page itself loads nothing from anywhere but the collector."), { note: "`lineitem status --egress`" });
  const alerts = panel("Alerts", ask, (found) => loudness(found, apply), { note: "docs/alerts.md" });
  const channels = panel("Channels", ask, (found) => told(found, apply), { note: "where alerts go" });
  const privacy = panel("Privacy", ask, (found) => asked(found, apply));
  const own = panel("Your own prices", ask, (found) => prices(found, apply), { note: "docs/prices.md" });
  const all = panel("All that is set", ask, (found) => [
    table("Settings", [{ key: "setting", title: "Setting" }, { key: "text", title: "Value", draw: (row) => (row.secret ? "set, and not shown" : row.text) }, { key: "source", title: "From", tight: true },
      { key: "onPage", title: "Changed", wide: true, of: (row) => (row.onPage ? "on this page" : "lineitem settings --set") }], found.settings),
    el("p.note", {}, found.fileExists ? "The file: " : "The file, which is not there yet: ", el("code", {}, found.file), ". Ports, folders and addresses that keys are sent to are changed in a terminal: ", el("code", {}, "lineitem settings --set NAME=VALUE"), ".")]);
  const book = add.panel(new Panel("Prices in force", () => api.report("prices"), (found) => [
    table("Prices", [{ key: "model", title: "Model", tight: true }, { key: "since", title: "Since", tight: true, wide: true }, ...["input", "cacheWrite5m", "cacheWrite1h", "cacheRead", "output"].map((key) => ({ key, title: { input: "Input", cacheWrite5m: "Write 5m", cacheWrite1h: "Write 1h", cacheRead: "Read", output: "Output" }[key], draw: (row) => el("span.num", {}, `$${row[key]}`) })),
      { key: "checked", title: "Checked", tight: true, wide: true }, { key: "source", title: "Source", wide: true, draw: (row) => el("span.target", { title: row.source }, row.source) }], found.prices, { filter: true, shown: 40 }),
    el("p.note", {}, `${found.unit}.`)]));
  return [el("div.top", {}, el("h1", {}, "Settings"), said), el("div.grid", {}, health.node, leaves.node, alerts.node, channels.node, own.node, privacy.node), all.node, book.node];
}

/** A form that gives what was written, without blanks around it, to `use`. */
function form(use, label, ...fields) {
  const made = el("form.choices", { onsubmit: (event) => {
    event.preventDefault();
    document.activeElement?.blur(); // what was written is used: the panel may be drawn anew
    use(Object.fromEntries([...new FormData(made)].map(([key, each]) => [key, String(each).trim()])));
  } }, ...fields, el("button.primary", {}, label));
  return made;
}

function thresholds(found, apply) {
  const [yellow, red] = ["health.yellow", "health.red"].map((name) => value(found, name) ?? found.presets.find((each) => each.inForce)?.[name.slice(7)]);
  return [el("div.presets", { role: "group", "aria-label": "Preset" }, found.presets.map((each) => el("button", { type: "button", "aria-pressed": each.inForce ? "true" : "false",
    onclick: () => apply({ "health.preset": each.name, "health.yellow": null, "health.red": null }) }, `${each.name} `, el("small", {}, `${numbers.tokens(each.yellow)} / ${numbers.tokens(each.red)}`)))),
  el("p", {}, `Yellow from ${numbers.tokens(yellow)} tokens of context, red from ${numbers.tokens(red)}.`),
  form((given) => apply({ "health.yellow": whole(given.yellow), "health.red": whole(given.red) }), "Use these",
    field("yellow", "Yellow from, tokens", { value: String(yellow), inputmode: "numeric", required: true }), field("red", "Red from, tokens", { value: String(red), inputmode: "numeric", required: true }))];
}

/** A whole number that was written, `80k` and `80,000` too; else the text, which is refused with a sentence. */
function whole(text) {
  const plain = text.replaceAll(/[,_\s]/g, "").replace(/k$/i, "000");
  return /^\d{1,12}$/.test(plain) ? Number(plain) : text;
}

function loudness(found, apply) {
  return form((given) => apply({ "alerts.preset": given.preset, "alerts.quiet": given.quiet || null, "alerts.cooldown": given.cooldown || null }), "Save",
    choice("preset", "How much is told", found.choices.alertPresets, value(found, "alerts.preset")),
    field("quiet", "Quiet hours", { value: value(found, "alerts.quiet") ?? "", placeholder: "22:00-07:00" }),
    field("cooldown", "Not again within", { value: value(found, "alerts.cooldown") ?? "", placeholder: "10m" }));
}

function told(found, apply) {
  const rows = [...below(found, "alerts.channels")].map(([name, own]) => ({ name, kind: own.kind?.value, severity: own.severity?.value ?? "warning", names: own.names?.value ?? "shown", own }));
  const change = (name, key, to) => apply({ [spelled("alerts", "channels", name, key)]: to });
  return [rows.length ? table("Channels", [{ key: "name", title: "Name" }, { key: "kind", title: "Kind", tight: true }, { key: "severity", title: "From", tight: true },
    { key: "names", title: "Names", draw: (row) => (row.kind === "session" ? "none" : el("button.quiet", { type: "button", "aria-label": `${row.name}: names ${row.names}, change that`, onclick: () => change(row.name, "names", row.names === "hidden" ? "shown" : "hidden") }, row.names)) },
    { key: "out", title: "", draw: (row) => el("button.quiet", { type: "button", "aria-label": `Take out ${row.name}`, onclick: () => apply({ [spelled("alerts", "channels", row.name)]: null }) }, "take out") }], rows)
    : nothing("None: nobody is told anything."), maker(found, apply)];
}

const PLACES = { env: "in an environment variable", file: "in a file", here: "written into the settings" };

function maker(found, apply) {
  const kinds = found.choices.channelKinds;
  const place = (name, text) => el("div.choices.secret", { hidden: true, "data-of": name }, el("label", {}, el("span", {}, text), el("select", { name: `${name}-place` }, Object.entries(PLACES).map(([each, words]) => el("option", { value: each }, words)))),
    field(name, "which one", { placeholder: "NAME", type: "text" }));
  const made = form(async (given) => {
    const name = (key) => spelled("alerts", "channels", given.name, key);
    const set = { [name("kind")]: given.kind, [name("severity")]: given.severity };
    if (given.kind !== "session") set[name("names")] = given.names;
    for (const key of ["url", "secret"]) {
      if (!kinds[given.kind].includes(key) || !given[key]) continue;
      set[name(key)] = given[`${key}-place`] === "here" ? given[key] : { [given[`${key}-place`]]: given[key] };
    }
    if (await apply(set)) made.reset();
  }, "Add it", field("name", "Name", { required: true, placeholder: "desk" }), choice("kind", "Kind", Object.keys(kinds), "desktop"),
  choice("severity", "From", found.choices.severities, "warning"), choice("names", "Names of projects", ["shown", "hidden"], "shown"),
  place("url", "Its address is"), place("secret", "What signs it is"));
  const fit = () => { for (const each of made.querySelectorAll(".secret")) each.hidden = !kinds[made.elements.kind.value].includes(each.dataset.of); };
  made.elements.kind.addEventListener("change", fit);
  fit();
  return el("details", {}, el("summary", {}, "Add a channel"), made);
}

function asked(found, apply) {
  const on = value(found, "classifier.enabled") === true;
  const snippet = value(found, "classifier.snippet") === true;
  const toggle = (name, is, words) => el("label.check", {}, el("input", { type: "checkbox", checked: is, onchange: async (event) => {
    const wanted = event.target.checked;
    event.target.blur();
    if (!(await apply({ [name]: wanted }))) event.target.checked = is;
  } }), " ", words);
  return [el("p", {}, "No text of a prompt, of a tool's input or of its output is stored: sizes, names and times are, and a short target for each tool call, with secrets redacted."),
    toggle("classifier.enabled", on, `Ask a model (${value(found, "classifier.model")}) about what stands out and no rule explains`),
    toggle("classifier.snippet", snippet, "… and send it a redacted piece of the tool call, too"),
    el("p.note", {}, "Its key, and where it is sent, are set in a terminal: docs/classifier.md. Whether channels name projects stands beside each.")];
}

function prices(found, apply) {
  const rows = [...below(found, "prices.models")].map(([name, own]) => ({ name, input: own.input?.text, output: own.output?.text, list: own[""]?.text }));
  const factor = value(found, "prices.multiplier");
  return [form((given) => apply({ "prices.multiplier": given.multiplier || null }), "Save", field("multiplier", "You pay so much of each list price", { value: factor === "1" ? "" : String(factor), placeholder: "1, or 0.87 for 13% off", inputmode: "decimal" })),
    rows.length ? table("Your own prices", [{ key: "name", title: "Model" }, { key: "input", title: "Input", of: (row) => row.input ?? row.list }, { key: "output", title: "Output" },
      { key: "out", title: "", draw: (row) => el("button.quiet", { type: "button", "aria-label": `Take out ${row.name}`, onclick: () => apply({ [spelled("prices", "models", row.name)]: null }) }, "take out") }], rows) : null,
    el("details", {}, el("summary", {}, "A model's own price"), form((given) => {
      const set = {};
      for (const key of ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"]) if (given[key]) set[spelled("prices", "models", given.name, key)] = given[key];
      apply(set);
    }, "Set it", field("name", "Model", { required: true, placeholder: "my-gateway/large" }), field("input", "Input, $ a million", { required: true, inputmode: "decimal" }), field("output", "Output", { required: true, inputmode: "decimal" }),
    field("cache_write_5m", "Cache write 5m", { placeholder: "1.25 × input", inputmode: "decimal" }), field("cache_write_1h", "Cache write 1h", { placeholder: "2 × input", inputmode: "decimal" }), field("cache_read", "Cache read", { placeholder: "0.1 × input", inputmode: "decimal" })),
    el("p.note", {}, "In dollars per million tokens. All bills are made again with what you say, the past too.")), el("p.note", {}, "Aliases of a gateway: ", command("lineitem settings --set 'prices.aliases.\"team-default\"=claude-sonnet-5-5'"))];
}
