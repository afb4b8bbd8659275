// How things are called where room is short: projects, sessions, models and where they run.

/** A project's folder without the way to the home directory, as surfaces/names.py has it. */
export function project(folder) {
  if (!folder) return "–";
  for (const [start, parts] of [["-home-", 3], ["-Users-", 3], ["C--Users-", 4]]) {
    if (folder.startsWith(start)) return folder.split("-").slice(parts).join("-") || "~";
  }
  return folder.replace(/^-root-/, "").replace(/^-/, "");
}

export function session(id) {
  return (id ?? "").slice(0, 8) || "–";
}

/** A model without the words that all have, and where it runs. */
export function model(id) {
  if (!id) return { name: "–", provider: "" };
  let provider = "Anthropic";
  let name = id;
  if (/^(?:[a-z]{2,6}\.)?anthropic\./.test(name) || name.startsWith("arn:")) {
    provider = "Bedrock";
    name = name.replace(/^.*anthropic\./, "").replace(/-v\d+(?::\d+)?$/, "");
  } else if (name.includes("@")) {
    provider = "Vertex";
    name = name.replace(/@.*$/, "");
  } else if (!name.startsWith("claude")) provider = name.startsWith("(") ? "" : "other";
  return { name: name.replace(/^claude-/, "").replace(/-\d{8}$/, ""), provider };
}
