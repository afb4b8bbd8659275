// Where one is: a path and filters behind the `#`, so that a link shows the same view and no server hears of it.

/** {path: ["session", "3f2a"], asked: {since: "7d"}} of the address. */
export function here() {
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decode),
    asked: Object.fromEntries(new URLSearchParams(query ?? "")),
  };
}

function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** The address of a place. */
export function to(path, asked = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) if (value) query.set(key, value);
  const text = query.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** Go there. */
export function go(path, asked) {
  location.hash = to(path, asked);
}

/** The same place with other filters; a filter of "" is taken away. */
export function change(filters) {
  const { path, asked } = here();
  go(path, { ...asked, ...filters });
}
