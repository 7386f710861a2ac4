// Two fields in one picture: a divider to drag, or one after the other.

import {button, clamp, element, face, select} from "symdyn/dom";

const PAIRS = [
  ["a b", "A | B"], ["truth a", "Truth | A"], ["truth b", "Truth | B"],
  ["error_a error_b", "Error of A | of B"],
];
const RATES = [1, 2, 3, 4];
const MODELS = [["both", "A and B"], ["a", "A"], ["b", "B"]];

/** What can be chosen in single views. */
export class Options {
  constructor(parent) {
    this.root = element("div", "options", parent);
    this.pair = select(this.root, "pair", "What is compared", PAIRS, "a b");
    this.rate = select(this.root, "rate", "Changes per second",
      RATES.map((rate) => [rate, `${rate} ${rate > 1 ? "changes" : "change"}/s`]), "2");
    this.alternate = button(this.root, "alternate", "Change between the two pictures",
      {image: "play", text: "Alternate"});
    this.models = select(this.root, "models", "Squares that are shown", MODELS, "both");
    this.hint = element("span", "hint", this.root);
  }

  show(view, scene) {
    const flicker = view === "flicker", pair = flicker || view === "swipe";
    this.root.hidden = !pair && view !== "square";
    this.pair.hidden = !pair;
    this.rate.hidden = this.alternate.hidden = !flicker;
    this.models.hidden = view !== "square";
    this.hint.textContent = view === "swipe" ? "Drag the divider, or move it with the arrow keys."
      : view === "square" ? `${scene.field_title}${scene.unit && ` in ${scene.unit}`}. `
        + "Both ways round should arrive at the same flow." : "";
  }
}

/** The divider of a picture of two fields. */
export class Divider {
  constructor(changed) {
    this.changed = changed;
    this.share = 0.5;
    this.root = element("div", "divider", null, {role: "slider", tabindex: "0",
      "aria-label": "Divider between the two pictures", "aria-valuemin": "0", "aria-valuemax": "100"});
    element("span", "grip", this.root);
    this.root.onpointerdown = (event) => this.root.setPointerCapture(event.pointerId);
    this.root.onpointermove = (event) => {
      if (!this.root.hasPointerCapture(event.pointerId)) return;
      const box = this.root.parentElement.getBoundingClientRect();
      this.move((event.clientX - box.left) / box.width);
    };
    this.root.onkeydown = (event) => {
      const to = {ArrowLeft: this.share - 0.02, ArrowRight: this.share + 0.02, Home: 0, End: 1}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.move(to);
    };
  }

  move(share) {
    this.share = clamp(share, 0, 1);
    this.place();
    this.changed();
  }

  place() {
    this.root.style.left = `${100 * this.share}%`;
    this.root.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
  }
}

/** Brings one of two pictures to the front, then the other. */
export class Flicker {
  constructor(options, changed) {
    Object.assign(this, {options, changed, timer: null, front: 0, wanted: null});
    options.alternate.onclick = () => { this.wanted = !this.running; this.run(this.wanted); };
    options.rate.onchange = () => { if (this.running) { this.run(false); this.run(true); } };
  }

  get running() { return this.timer !== null; }

  run(on) {
    if (on === this.running) return;
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.turn(), 1000 / Number(this.options.rate.value)) : null;
    face(this.options.alternate, on ? "pause" : "play", on ? "Hold" : "Alternate");
    this.options.alternate.setAttribute("aria-pressed", String(on));
  }

  turn() {
    this.front = 1 - this.front;
    this.changed();
  }
}
