// Plays a forecast: buttons, the slider of leads, and the clock.

import {button, element, face, number, select} from "symdyn/dom";

const SPEEDS = [2, 4, 8, 15, 20, 30];
const TELL = 200;
/** Milliseconds between leads told to the server while playing: its numbers need not see all. */

export class Player {
  /** ``model`` holds the lead; ``show`` draws the one that is shown soon, ``draw`` at once. */
  constructor(parent, model, show, draw) {
    Object.assign(this, {model, show, draw, request: 0, lead: model.lead, told: model.lead, scene: null});
    this.back = button(parent, "back", "One frame back (key [)", {image: "back"});
    this.play = button(parent, "play", "Play the forecast (space bar)", {image: "play", text: "Play"});
    this.ahead = button(parent, "ahead", "One frame ahead (key ])", {image: "ahead"});
    this.range = element("input", "lead", parent,
      {type: "range", min: 1, max: 10, step: 1, value: 1, "aria-label": "Lead of the forecast"});
    this.now = element("span", "now", parent, {"aria-live": "off"});
    this.speed = select(parent, "speed", "Frames per second",
      SPEEDS.map((fps) => [fps, `${fps} frames/s`]), "4");
    this.loop = button(parent, "loop", "Start again at the end", {image: "loop", text: "Loop"});
    this.loop.setAttribute("aria-pressed", "true");
    this.wait = element("span", "wait", parent, {role: "status"});
    this.connect();
  }

  connect() {
    this.play.onclick = () => this.toggle();
    this.back.onclick = () => this.step(-1);
    this.ahead.onclick = () => this.step(1);
    this.range.oninput = () => { this.pause(); this.goto(Number(this.range.value)); };
    this.loop.onclick = () => this.loop.setAttribute("aria-pressed", String(!this.looping));
  }

  get looping() { return this.loop.getAttribute("aria-pressed") === "true"; }

  get available() { return this.scene?.available ?? 0; }

  /** The wanted lead, or the latest one while it has not arrived. */
  get shown() { return Math.max(1, Math.min(this.lead, this.available)); }

  get playing() { return this.request !== 0; }

  /** The server wants another lead; an echo of what it was told is none. */
  follow() {
    if (this.model.lead === this.told) return;
    this.lead = this.told = this.model.lead;
    this.show();
  }

  tell() {
    this.told = this.lead;
    this.toldAt = performance.now();
    if (this.model.lead !== this.lead) this.model.lead = this.lead;
  }

  goto(lead) {
    this.lead = Math.max(1, Math.min(lead, Math.max(1, this.available)));
    if (!this.playing || performance.now() - this.toldAt >= TELL) this.tell();
    this.show();
  }

  step(by) {
    this.pause();
    this.goto(this.shown + by);
  }

  toggle() {
    if (this.playing) { this.pause(); return; }
    if (this.shown >= (this.scene?.steps ?? 1)) this.goto(1);
    this.face("pause", "Pause");
    this.model.playing = true;
    let due = performance.now() + 1000 / Number(this.speed.value);
    const next = (now) => {
      this.request = requestAnimationFrame(next);
      if (now < due - 2) return;
      // After a stall the clock starts anew: frames are shown late rather than left out.
      const interval = 1000 / Number(this.speed.value);
      due = now - due > interval ? now + interval : due + interval;
      this.tick();
      this.draw();  // not in the next frame, which may bring the next lead already
    };
    this.request = requestAnimationFrame(next);
  }

  tick() {
    if (this.shown < this.available) this.goto(this.shown + 1);
    else if (this.scene && this.available < this.scene.steps) return;  // still being computed
    else if (this.looping) this.goto(1);
    else this.pause();
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.request);
    this.request = 0;
    this.face("play", "Play");
    this.tell();
    this.model.playing = false;
  }

  face(image, text) {
    face(this.play, image, text);
    const name = `${text} the forecast (space bar)`;
    this.play.title = name;
    this.play.setAttribute("aria-label", name);
  }

  /** Say what is shown. */
  label() {
    const {scene} = this;
    const time = `+${number(scene.time(this.shown))}${scene.lead_unit && " "}${scene.lead_unit}`;
    const text = `lead ${this.shown} of ${scene.steps} (${time})`;
    const wait = this.available < scene.steps
      ? `forecasting ${this.available} / ${scene.steps} …` : "";
    if (this.wait.textContent !== wait) this.wait.textContent = wait;
    if (this.now.textContent === text) return;
    this.now.textContent = text;
    this.range.max = scene.steps;
    this.range.value = this.shown;
    this.range.setAttribute("aria-valuetext", text);
  }
}
