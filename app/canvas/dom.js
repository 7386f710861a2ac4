// Elements, icons and numbers as they stand on the page.

export function element(tag, className, parent, attributes = {}, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

/** Paths in a box of 24: drawn, because fonts of symbols differ from machine to machine. */
const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zM13 5h4v14h-4z",
  back: "M17 5v14L7 12zM5 5h2v14H5z",
  ahead: "M7 5v14l10-7zM17 5h2v14h-2z",
  loop: "M12 5V2L7 6l5 4V7a5 5 0 0 1 4.6 7l1.5 1.4A7 7 0 0 0 12 5zM12 17a5 5 0 0 1-4.6-7L5.9 8.6A7 7 0 0 0 12 19v3l5-4-5-4z",
  closer: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  farther: "M5 11h14v2H5z",
  whole: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  save: "M5 19h14v2H5zM11 3h2v8h4l-5 6-5-6h4z",
  help: "M11 17h2v2h-2zM12 5a4 4 0 0 0-4 4h2a2 2 0 1 1 3.2 1.6C12 11.500 11 12.200 11 15h2c0-1.800.700-2.100 1.600-3A4 4 0 0 0 12 5z",
  close: "M6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12 19 6.400 17.600 5 12 10.600z",
};

export const icon = (name) => drawn(ICONS[name]);

/** A path in a box of 24, filled with the colour of the words around it. */
export function drawn(path) {
  const space = "http://www.w3.org/2000/svg", image = document.createElementNS(space, "svg");
  image.setAttribute("viewBox", "0 0 24 24");
  image.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", "currentColor");
  image.append(line);
  return image;
}

/** A button with an icon, words, or both; ``title`` is its accessible name and its tooltip. */
export function button(parent, className, title, {image = "", text = ""} = {}) {
  const made = element("button", className, parent, {type: "button", title, "aria-label": title});
  face(made, image, text);
  return made;
}

/** Change what a button shows. */
export function face(made, image, text = "") {
  made.replaceChildren(...(image ? [icon(image)] : []));
  if (text) element("span", "word", made, {}, text);
}

export function select(parent, className, title, choices, value) {
  const made = element("select", className, parent, {title, "aria-label": title});
  for (const [key, text] of choices) element("option", "", made, {value: key}, text);
  made.value = value;
  return made;
}

/** Three significant digits; a dash for what is unknown. */
export function number(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e4)) return value.toExponential(2);
  return value.toPrecision(3);
}

/** A number and its unit, as of a measurement. */
export const quantity = (value, unit) => number(value) + (unit ? ` ${unit}` : "");

/** A limit or tick: without trailing zeros. */
export const round = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
