// Elements and their text. Nothing here, or anywhere, reads markup: texts are texts.

const SVG = "http://www.w3.org/2000/svg";

/** An element: tag with classes ("td.num"), properties, children (texts or elements; null is left out). */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  return put(made, ...children);
}

/** Append texts and elements. */
export function put(parent, ...children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** Replace all that is inside. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return put(parent, ...children);
}

/** A small line over time as a picture; its text is told beside it. */
export function spark(values, width = 96, height = 22) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", `0 0 ${width} ${height}`);
  made.setAttribute("class", "spark");
  made.setAttribute("aria-hidden", "true");
  const most = Math.max(...values, 1e-12);
  const step = width / Math.max(1, values.length);
  values.forEach((value, place) => {
    const bar = document.createElementNS(SVG, "rect");
    const high = Math.max(1, (value / most) * (height - 1));
    bar.setAttribute("x", (place * step).toFixed(2));
    bar.setAttribute("y", (height - high).toFixed(2));
    bar.setAttribute("width", Math.max(1, step - 2).toFixed(2));
    bar.setAttribute("height", high.toFixed(2));
    made.append(bar);
  });
  return made;
}

/** Say something to those who listen to the page. */
export function say(text) {
  document.getElementById("said").textContent = text;
}
