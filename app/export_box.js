// The button that saves what is shown, and its menu; hands files that the server made to the browser.

import {element, icon} from "symdyn/dom";

export function render({model, el}) {
  const box = new Box(model, el);
  model.on("kinds", () => box.offer());
  model.on("busy", () => box.wait());
  model.on("msg:custom", (message) => box.receive(message));
  const outside = (event) => { if (!event.composedPath().includes(box.root)) box.show(false); };
  document.addEventListener("pointerdown", outside);
  model.on("remove", () => document.removeEventListener("pointerdown", outside));
}

class Box {
  constructor(model, el) {
    this.model = model;
    this.file = {name: "symdyn.bin", kind: "application/octet-stream"};
    this.root = element("div", "export", el);
    this.opener = element("button", "opener", this.root,
      {type: "button", title: "Save what is shown: figures, films, data, a notebook", "aria-haspopup": "menu"});
    this.opener.append(icon("save"));
    element("span", "word", this.opener, {}, "Export");
    element("span", "tick", this.opener, {"aria-hidden": "true"}, "▾");
    this.menu = element("div", "menu", this.root, {role: "menu", "aria-label": "Export as", hidden: ""});
    this.opener.onclick = () => this.show(this.menu.hidden);
    this.root.onkeydown = (event) => this.press(event);
    this.offer();
    this.wait();
    this.show(false);
  }

  wait() {
    this.opener.disabled = this.model.busy;
    this.opener.setAttribute("aria-busy", String(this.model.busy));
  }

  /** What the page in front can be saved as; an open menu stays open. */
  offer() {
    const {kinds} = this.model;
    this.root.hidden = !kinds.length;
    this.menu.replaceChildren(...kinds.map(([key, label, about]) => {
      const item = element("button", "item", null, {type: "button", role: "menuitem", tabindex: "-1"});
      element("span", "label", item, {}, label);
      element("span", "about", item, {}, about);
      item.onclick = () => { this.show(false); this.opener.focus(); this.model.send_msg(key); };
      return item;
    }));
  }

  show(open) {
    this.menu.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const {right} = this.opener.getBoundingClientRect();
    this.menu.classList.toggle("left", right < 330);
    this.menu.firstChild?.focus();
  }

  /** Arrows, Home and End go through the menu; Escape and Tab leave it. */
  press(event) {
    if (this.menu.hidden) return;
    const items = [...this.menu.children], at = items.indexOf(this.root.getRootNode().activeElement);
    const wanted = {
      ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0, End: items.length - 1,
    }[event.key];
    if (wanted !== undefined) { event.preventDefault(); items[wanted].focus(); }
    if (event.key === "Escape") { event.stopPropagation(); this.show(false); this.opener.focus(); }
    if (event.key === "Tab") this.show(false);
  }

  receive(message) {
    if (message.name) { this.file = message; return; }
    const address = URL.createObjectURL(new Blob([message], {type: this.file.kind}));
    const link = element("a", "", this.root);
    Object.assign(link, {href: address, download: this.file.name});
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }
}
