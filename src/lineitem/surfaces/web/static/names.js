// How things are called where room is short: projects, sessions, models and where they run.

/** A project's folder without what all of them begin with. */
export function project(path) {
  if (!path) return "–";
  const parts = path.replace(/^-+/, "").split("-");
  const at = parts.findIndex((part) => ["home", "Users", "root"].includes(part));
  const rest = at === 0 ? parts.slice(parts[0] === "root" ? 1 : 2) : parts;
  return rest.join("-") || path;
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
