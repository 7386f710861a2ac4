// The sidebar, drawn from a description. What a new description leaves as it is stays in place.

import {element} from "symdyn/dom";
import {onOff, select, toggles} from "symdyn/choices";
import {button, presets, text} from "symdyn/presses";
import {slider} from "symdyn/slider";
import {Voice} from "symdyn/voice";

const KINDS = {slider, select, toggles, switch: onOff, button, presets, text, group};

function group(told) {
  const section = told.look === "section";
  const root = element(section ? "section" : "div", `group ${told.look} ${told.mark}`);
  if (told.label) {
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", told.label);
  }
  if (section) element("h2", "", root, {}, told.label);
  return {root, inside: section ? element("div", "inside", root) : root};
}

class Sidebar {
  constructor(model, el) {
    this.model = model;
    this.voice = new Voice(model);
    this.root = element("div", "controls", el);
    this.views = new Map();
    this.shade();
    this.draw();
  }

  /** Draw the description; the focus stays with its control, or in the sidebar. */
  draw() {
    const {description, sections} = this.model;
    const focused = this.root.getRootNode().activeElement;
    const key = this.keyOf(focused);
    this.kept = new Set();
    this.fill(this.root, description);
    for (const known of [...this.views.keys()]) if (!this.kept.has(known)) this.views.delete(known);
    for (const {key: name} of description) this.views.get(name).root.hidden = !sections.includes(name);
    this.show();
    if (key && !focused.isConnected) {
      (this.views.get(key)?.target ?? this.root.querySelector("select, input, button"))?.focus();
    }
  }

  keyOf(node) {
    if (!node || !this.root.contains(node)) return null;
    for (const [key, view] of this.views) if (view.target && view.root.contains(node)) return key;
    return null;
  }

  /** Nodes that stay are not moved: that would take the focus from them. */
  fill(parent, descriptions) {
    const views = descriptions.map((told) => this.view(told));
    const wanted = new Set(views.map((view) => view.root));
    for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
    let next = parent.firstElementChild;
    for (const [i, view] of views.entries()) {
      if (view.root === next) next = next.nextElementSibling;
      else parent.insertBefore(view.root, next);
      if (view.inside) this.fill(view.inside, descriptions[i].controls);
    }
  }

  view(told) {
    const {controls, ...own} = told;
    const face = JSON.stringify(own), known = this.views.get(told.key);
    this.kept.add(told.key);
    if (known?.face === face) return known;
    const made = {...KINDS[told.kind](told, this.voice), face, fresh: true};
    this.views.set(told.key, made);
    return made;
  }

  /** Show the values; not where something else was chosen after the server sent them. */
  show() {
    const {heard, shown} = this.model.values;
    for (const [key, view] of this.views) {
      if (!view.show || !(key in shown)) continue;
      if (!view.fresh && this.voice.isAhead(key, heard)) continue;
      view.fresh = false;
      view.show(shown[key]);
    }
  }

  /** The theme; where none is told that of the page: light letters stand on dark ground. */
  shade() {
    const around = this.root.getRootNode().host ?? document.body;
    const own = isLight(getComputedStyle(around).color) ? "dark" : "light";
    this.root.dataset.theme = this.model.theme || own;
  }
}

function isLight(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return 0.3 * red + 0.59 * green + 0.11 * blue > 128;
}

export function render({model, el}) {
  const sidebar = new Sidebar(model, el);
  let drawing = false;
  // Description and values come one after the other: both are there when they are drawn.
  const later = () => {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      sidebar.draw();
    });
  };
  for (const name of ["description", "values", "sections"]) model.on(name, later);
  model.on("theme", () => sidebar.shade());
  // The page has no colours for what is not on it yet.
  if (!model.theme) requestAnimationFrame(() => sidebar.shade());
  model.send_msg({ready: true});
}
