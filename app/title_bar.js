// The bar on top of all pages. It measures itself: what does not fit becomes an icon or a menu.

import {drawn, element} from "symdyn/dom";
import {Drawer} from "symdyn/drawer";

const LEVELS = 4;
/** 0 all words; 1 actions as icons; 2 pages as a menu, too; 3 actions as a menu. */

const NAMING = 1000;
/** Between two looks for fields without names [milliseconds]. */

const THEMES = {
  light: ["Light theme", "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 1h2v4h-2zM11 19h2v4h-2zM1 11h4v2H1zM19 11h4v2h-4zM3.500 4.900 4.900 3.500 7.800 6.300 6.300 7.800zM16.200 17.700 17.700 16.200 20.500 19.100 19.100 20.500zM19.100 3.500 20.500 4.900 17.700 7.800 16.200 6.300zM6.300 16.200 7.800 17.700 4.900 20.500 3.500 19.100z"],
  dark: ["Dark theme", "M12 3a9 9 0 1 0 9 9c0-.500 0-.900-.100-1.400A5.500 5.500 0 0 1 13.400 3.100 9 9 0 0 0 12 3z"],
  projector: ["Projector theme: larger, with more contrast", "M3 5h18v2H3zM4 8h16v9h-7v2.500l3 2.500h-2.600L12 20.400 10.600 22H8l3-2.500V17H4zM6 10v5h12v-5z"],
};
const ACTIONS = [
  ["tour", "Tour", "A tour in seven steps: what there is to see, and where to look",
    "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm4.500 5.500-2.800 6.200-6.200 2.800 2.800-6.200zM12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2z"],
  ["link", "Copy link", "Copy the address of what you see: whoever opens it sees the same",
    "M10.600 13.400a1 1 0 0 1 0-1.400l3.500-3.500a3 3 0 0 1 4.200 4.200l-1.800 1.800 1.400 1.400 1.800-1.800a5 5 0 0 0-7-7L9.200 10.600a3 3 0 0 0 0 4.200zM13.400 10.600 12 12a1 1 0 0 1 0 1.400l-3.500 3.500a3 3 0 0 1-4.200-4.200l1.800-1.800-1.400-1.400-1.800 1.800a5 5 0 0 0 7 7l3.500-3.500a3 3 0 0 0 0-4.200z"],
  ["reset", "Reset", "Back to the start: the first flow, turned by 90 degrees",
    "M12 5V1L6 6l6 5V7a5.500 5.500 0 1 1-5.500 5.500h-2A7.500 7.500 0 1 0 12 5z"],
  ["help", "Help", "What the words mean, and what the keys do",
    "M11 17h2v2h-2zM12 5a4 4 0 0 0-4 4h2a2 2 0 1 1 3.200 1.600C12 11.500 11 12.200 11 15h2c0-1.800.700-2.100 1.600-3A4 4 0 0 0 12 5z"],
];

function button(parent, className, title, path, text = "") {
  const made = element("button", className, parent, {type: "button", title});
  made.append(drawn(path));
  if (text) element("span", "word", made, {}, text);
  if (!text) made.setAttribute("aria-label", title);
  return made;
}

/** A button that opens and closes a list beside it. */
function menu(parent, className, title, list) {
  const opener = element("button", `opener ${className}`, parent,
    {type: "button", title, "aria-expanded": "false", "aria-haspopup": "true"});
  const show = (open) => {
    opener.setAttribute("aria-expanded", String(open));
    list.classList.toggle("open", open);
  };
  opener.onclick = () => show(opener.getAttribute("aria-expanded") !== "true");
  parent.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || opener.getAttribute("aria-expanded") !== "true") return;
    show(false);
    opener.focus();
  });
  parent.addEventListener("focusout", (event) => {
    if (!parent.contains(event.relatedTarget)) setTimeout(() => show(false), 150);
  });
  list.addEventListener("click", () => show(false));
  return opener;
}

class Bar {
  constructor(model, el, drawer) {
    this.model = model;
    this.drawer = drawer;
    this.root = element("div", "bar", el);
    this.name = element("h1", "name", this.root, {}, "Symdyn");
    this.buildPages();
    element("div", "space", this.root);
    this.buildActions();
    this.follow();
  }

  buildPages() {
    this.nav = element("nav", "pages", this.root, {"aria-label": "Pages"});
    const list = element("div", "list", document.createElement("div"));
    this.pagesOpener = menu(this.nav, "", "Other pages", list);
    this.nav.append(list);
    this.pages = new Map(this.model.pages.map(([key, title, about]) => {
      const made = element("button", "page", list, {type: "button", title: about}, title);
      made.onclick = () => { this.model.page = key; };
      return [key, made];
    }));
  }

  buildActions() {
    this.tools = element("div", "tools", this.root);
    const list = element("div", "list", document.createElement("div"));
    this.toolsOpener = menu(this.tools, "more", "Tour, export, link, themes and help", list);
    this.toolsOpener.textContent = "⋮";
    this.toolsOpener.setAttribute("aria-label", "More");
    this.tools.append(list);
    for (const [name, text, title, path] of ACTIONS) {
      button(list, `action ${name}`, title, path, text).onclick = () => this.act(name);
      if (name === "tour") {
        this.slot = element("div", "further", list);
        this.slot.append(...this.model.get_child("actions"));
      }
    }
    const themes = element("div", "themes", list, {role: "group", "aria-label": "Theme"});
    this.themes = new Map(Object.entries(THEMES).map(([name, [title, path]]) => {
      const made = button(themes, "theme", title, path);
      made.onclick = () => { this.model.theme = name; };
      return [name, made];
    }));
  }

  act(name) {
    if (name === "link") copy(window.location.href);
    this.model.send_msg(name);
  }

  /** Show which page and which theme are chosen. */
  follow() {
    for (const [key, made] of this.pages) {
      if (key === this.model.page) made.setAttribute("aria-current", "page");
      else made.removeAttribute("aria-current");
    }
    for (const [name, made] of this.themes) {
      made.setAttribute("aria-pressed", String(name === this.model.theme));
    }
    this.pagesOpener.textContent = `${this.pages.get(this.model.page)?.textContent ?? "Pages"} ▾`;
    document.documentElement.dataset.symdyn = this.model.theme;
    this.refit();
  }

  /** Fit soon, once for all that has changed by then: to measure is to lay the page out. */
  refit() {
    this.request ||= requestAnimationFrame(() => { this.request = 0; this.fit(); });
  }

  /** The first level at which everything has room. */
  fit() {
    this.drawer.fit();
    const {left} = this.root.getBoundingClientRect();
    const room = Math.floor(document.documentElement.clientWidth - left - 12);
    this.root.style.width = `${room}px`;
    for (let level = 0; level < LEVELS; level++) {
      this.root.dataset.level = String(level);
      if (this.root.scrollWidth <= this.root.clientWidth + 1) break;
    }
  }
}

/** The clipboard proper exists on https and localhost only. */
function copy(text) {
  if (navigator.clipboard) { navigator.clipboard.writeText(text); return; }
  const field = element("textarea", "", document.body);
  field.value = text;
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** An address that is there already is no new entry: going back must not close the way forward. */
function keepHistory() {
  const push = window.history.pushState;
  window.history.pushState = function (state, title, url) {
    const same = url != null && new URL(url, window.location.href).href === window.location.href;
    return (same ? this.replaceState : push).call(this, state, title, url);
  };
  return () => { window.history.pushState = push; };
}

/** Names for the buttons of number fields, which Panel-Material-UI leaves without any. */
function nameSteps(root = document) {
  for (const field of root.querySelectorAll(".MuiInputBase-root")) {
    const steps = field.querySelectorAll(".MuiInputAdornment-root button:not([aria-label])");
    if (steps.length !== 2) continue;
    steps.forEach((step, i) => step.setAttribute("aria-label", i ? "One more" : "One less"));
  }
  for (const host of root.querySelectorAll("*")) if (host.shadowRoot) nameSteps(host.shadowRoot);
}

/** The first stop of the Tab key: past the header and the sidebar. */
function skipLink() {
  const link = document.createElement("button");
  link.className = "skip-link";
  link.type = "button";
  link.textContent = "Skip to the content";
  const find = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches("main, .main-content")) return node;
      const found = node.shadowRoot && find(node.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  link.onclick = () => {
    const main = find(document);
    if (!main) return;
    main.setAttribute("tabindex", "-1");
    main.focus();
  };
  document.body.prepend(link);
  return link;
}

export function render({model, view, el}) {
  const drawer = new Drawer(view), bar = new Bar(model, el, drawer);
  const link = skipLink();
  model.on("page", () => bar.follow());
  model.on("theme", () => bar.follow());
  const observer = new ResizeObserver(() => bar.refit());
  for (const watched of [document.documentElement, el, bar.slot]) observer.observe(watched);
  document.fonts?.ready.then(() => bar.refit());
  // Fields come when their page is made or has something to show; Explore has none.
  const naming = setInterval(() => {
    if (model.page !== "explore" && !document.hidden) nameSteps();
  }, NAMING);
  if (drawer.shutWhereNarrow()) model.send_msg("narrow");
  const forgetHistory = keepHistory();
  const onVisit = () => { model.visited = window.location.search; };
  window.addEventListener("popstate", onVisit);
  model.on("remove", () => {
    observer.disconnect();
    clearInterval(naming);
    link.remove();
    window.removeEventListener("popstate", onVisit);
    forgetHistory();
  });
}
