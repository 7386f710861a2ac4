// The help, in a box of the browser's own: it keeps the focus inside and closes with Escape.

import {element} from "symdyn/dom";
import {HELP} from "symdyn/keys";

function list(parent, heading, pairs, term = "dt") {
  const section = element("section", "", parent);
  element("h3", "", section, {}, heading);
  const made = element("dl", "", section);
  for (const [name, meaning] of pairs) {
    const row = element("div", "row", made);
    const title = element("dt", "", row, {}, term === "dt" ? name : "");
    if (term !== "dt") element(term, "", title, {}, name);
    element("dd", "", row, {}, meaning);
  }
  return made;
}

class Help {
  constructor(model, el) {
    this.model = model;
    this.box = element("dialog", "help", el, {"aria-labelledby": "help-title"});
    const head = element("div", "head", this.box);
    element("h2", "", head, {id: "help-title"}, "Help");
    const close = element("button", "close", head, {type: "button"}, "Close");
    close.onclick = () => this.box.close();
    this.body = element("div", "body", this.box, {tabindex: "0", role: "region", "aria-label": "Help"});
    list(this.body, "Pages", model.pages);
    this.buildWords();
    list(this.body, "Keys", model.keys, "kbd");
    list(this.body, "Keys over the pictures of Explore", HELP, "kbd");
    this.box.onclick = (event) => { if (event.target === this.box) this.box.close(); };
    // Keys pressed here are not meant for the pictures behind.
    this.box.onkeydown = (event) => event.stopPropagation();
  }

  buildWords() {
    const words = list(this.body, "Words", this.model.words);
    const search = element("input", "search", null,
      {type: "search", placeholder: "Find a word", "aria-label": "Find a word"});
    words.before(search);
    search.oninput = () => {
      const wanted = search.value.trim().toLowerCase();
      for (const row of words.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    };
  }

  follow() { this.box.dataset.theme = this.model.theme; }

  open() { if (!this.box.open) this.box.showModal(); }
}

export function render({model, el}) {
  const help = new Help(model, el);
  help.follow();
  model.on("theme", () => help.follow());
  model.on("wanted", () => help.open());
}
