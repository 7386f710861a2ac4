// The tour: a card with the words of a step, rings around what they mean, and the first hint.

import {element} from "symdyn/dom";

const SEEN = "symdyn-tour-seen";
const LOOK = 300;
/** Milliseconds between looks at where the marked parts are: pages move while they load. */
const GAP = 14;

/** The first element that is seen and matches, inside shadow roots, too. */
function find(selector, root = document) {
  for (const found of root.querySelectorAll(selector)) {
    if (found.checkVisibility?.() !== false && found.getClientRects().length) return found;
  }
  for (const host of root.querySelectorAll("*")) {
    const found = host.shadowRoot && find(selector, host.shadowRoot);
    if (found) return found;
  }
  return null;
}

function remembered() {
  try { return localStorage.getItem(SEEN) !== null; } catch { return false; }
}

function remember() {
  try { localStorage.setItem(SEEN, "1"); } catch { /* private windows forget */ }
}

class Tour {
  constructor(model, el) {
    this.model = model;
    this.root = element("div", "tour", el);
    this.buildHint();
    this.buildCard();
    this.rings = [];
    this.follow();
  }

  buildHint() {
    this.hint = element("section", "hint", this.root, {"aria-label": "First visit"});
    element("span", "words", this.hint, {}, "New here? Seven steps show what there is to see.");
    const start = element("button", "start", this.hint, {type: "button"}, "Take the tour");
    start.onclick = () => this.go(1);
    const close = element("button", "close", this.hint, {type: "button"}, "No, thanks");
    close.onclick = () => { remember(); this.follow(); };
  }

  buildCard() {
    this.card = element("section", "card", this.root,
      {role: "dialog", "aria-labelledby": "tour-title", "aria-describedby": "tour-text"});
    const head = element("div", "head", this.card);
    this.count = element("span", "count", head);
    this.title = element("h2", "", head, {id: "tour-title", tabindex: "-1"});
    this.text = element("p", "", this.card, {id: "tour-text"});
    const foot = element("div", "foot", this.card);
    const button = (className, text, action) => {
      const made = element("button", className, foot, {type: "button"}, text);
      made.onclick = action;
      return made;
    };
    button("leave", "Leave", () => this.go(0));
    this.dots = element("span", "dots", foot, {"aria-hidden": "true"});
    for (const _ of this.model.steps) element("i", "", this.dots);
    this.back = button("back", "Back", () => this.go(this.model.step - 1));
    this.next = button("next", "Next", () => this.go((this.model.step + 1) % (this.last + 1)));
    this.card.onkeydown = (event) => { if (event.key === "Escape") this.go(0); };
  }

  get last() { return this.model.steps.length; }

  go(step) {
    remember();
    this.model.send_msg(step);
  }

  follow() {
    const {step} = this.model, told = this.model.steps[step - 1];
    this.root.dataset.theme = this.model.theme;
    this.hint.hidden = !this.model.offered || step > 0 || remembered();
    this.card.hidden = !told;
    if (!told) {
      this.watch(false);
      this.mark([]);
      this.shown = 0;
      return;
    }
    if (this.shown === step) return;
    this.shown = step;
    this.count.textContent = `${step} / ${this.last}`;
    this.title.textContent = told.title;
    this.text.innerHTML = told.text;
    [...this.dots.children].forEach((dot, i) => dot.classList.toggle("now", i === step - 1));
    this.back.disabled = step === 1;
    this.next.textContent = step === this.last ? "Done" : "Next";
    this.settled = false;
    this.began = performance.now();
    this.watch(true);
    this.title.focus({preventScroll: true});
  }

  watch(wanted) {
    clearInterval(this.timer);
    if (wanted) { this.timer = setInterval(() => this.look(), LOOK); this.look(); }
  }

  /** Mark what is seen of the step, bring it into view once, and step out of its way. */
  look() {
    const told = this.model.steps[this.model.step - 1];
    if (!told) return;
    const targets = [...new Set(told.marks.map((names) => names.map((name) => find(name))
      .find((found) => found)).filter((found) => found))];
    if (targets.length && !this.settled && performance.now() - this.began > 900) {
      this.settled = true;
      const narrow = window.innerWidth < 700;
      targets[0].scrollIntoView({block: narrow ? "start" : "nearest", behavior: "smooth"});
    }
    this.mark(targets.map((target) => target.getBoundingClientRect()));
  }

  mark(boxes) {
    while (this.rings.length < boxes.length) {
      this.rings.push(element("div", "ring", this.root, {"aria-hidden": "true"}));
    }
    this.rings.forEach((ring, i) => {
      ring.hidden = !boxes[i];
      if (!boxes[i]) return;
      const {left, top, width, height} = boxes[i];
      Object.assign(ring.style, {left: `${left - 5}px`, top: `${top - 5}px`,
        width: `${width + 10}px`, height: `${height + 10}px`});
    });
    // Without a card there is nothing to place: to ask for sizes would lay the page out.
    if (!this.card.hidden) this.place(boxes);
  }

  /** The corner or side of the window where the card covers least of what is marked. */
  place(boxes) {
    const [w, h] = [this.card.offsetWidth, this.card.offsetHeight];
    const [right, bottom] = [window.innerWidth - w - GAP, window.innerHeight - h - GAP];
    if (right < 2 * GAP) { Object.assign(this.card.style, {left: "", top: ""}); return; }
    const middle = (right + GAP) / 2, top = 62;
    const places = [[GAP, bottom], [right, bottom], [middle, bottom], [GAP, top], [right, top],
      [middle, top], [right, (top + bottom) / 2], [GAP, (top + bottom) / 2]];
    const covered = ([x, y]) => boxes.reduce((sum, box) => sum
      + Math.max(0, Math.min(x + w, box.right + 8) - Math.max(x, box.left - 8))
      * Math.max(0, Math.min(y + h, box.bottom + 8) - Math.max(y, box.top - 8)), 0);
    const costs = places.map(covered);
    const [x, y] = places[costs.indexOf(Math.min(...costs))];
    Object.assign(this.card.style, {left: `${x}px`, top: `${y}px`});
  }

  stop() { this.watch(false); }
}

export function render({model, el}) {
  const tour = new Tour(model, el);
  for (const name of ["step", "theme", "offered"]) model.on(name, () => tour.follow());
  model.on("remove", () => tour.stop());
}
