// Changes of settings: looked at first; what would leave the machine is shown and agreed to before it is switched on.

import * as api from "./api.js";
import { el, fill, say } from "./dom.js";
import { table } from "./table.js";

/** A setting's name of its parts: names that are not plain are quoted. */
export function spelled(...parts) {
  return parts.map((part) => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part))).join(".");
}

/** The value of a setting among rows of the report; undefined where it is not there. */
export function value(found, name) {
  return found.settings.find((row) => row.setting === name)?.value;
}

/** The names below a setting, as `alerts.channels`: a map of name to its own settings. */
export function below(found, above) {
  const made = new Map();
  for (const row of found.settings) {
    if (row.source !== "file" || !row.setting.startsWith(`${above}.`)) continue;
    const [, quoted, plain, , rest] = /^(?:("(?:[^"\\]|\\.)*")|([\w-]+))(\.(.*))?$/.exec(row.setting.slice(above.length + 1)) ?? [];
    const name = quoted ? JSON.parse(quoted) : plain;
    if (name === undefined) continue;
    made.set(name, { ...made.get(name), [rest ?? ""]: row });
  }
  return made;
}

/** A place for what came of a change, and what makes one: `set` is {name: value}; done is called when it is made. */
export function changer(done) {
  const said = el("p.said", { role: "status" });
  const tell = (text, bad = false) => { fill(said, text); said.classList.toggle("bad", bad); };
  const apply = async (set) => {
    tell("");
    try {
      const looked = await api.lookAtSettings(set);
      if (!looked.changes.length) { tell("That is how it is already."); return false; }
      if (looked.newEgress.length && !(await agreed(looked))) { tell("Nothing was changed."); return false; }
      const made = await api.changeSettings(set, looked.seen);
      tell(`Changed: ${made.changes.map((row) => row.setting).join(", ")}.`);
      say("Changed");
      done(made);
      return true;
    } catch (error) { tell(error.message, true); return false; }
  };
  return { said, apply };
}

/** Whether the person wants what would leave the machine, which is shown. */
function agreed(looked) {
  return new Promise((decided) => {
    let yes = false;
    const made = el("dialog", { "aria-labelledby": "leaves-title" },
      el("h2", { id: "leaves-title" }, "This would leave your machine"),
      table("What would newly leave this machine", [{ key: "channel", title: "Channel" }, { key: "host", title: "To" }, { key: "sends", title: "What is sent" }], looked.newEgress),
      el("p.note", {}, "Never sent: prompts, answers, what tools were called on or gave back, paths, commands."),
      el("form.inline-form", { method: "dialog" }, el("button", { autofocus: true }, "Leave it off"),
        el("button.primary", { onclick: () => { yes = true; } }, "Switch it on")));
    made.addEventListener("close", () => { made.remove(); decided(yes); });
    document.body.append(made);
    made.showModal();
  });
}
