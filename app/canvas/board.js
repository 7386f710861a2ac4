// Everything of one field view: what has arrived, how it is arranged, and when it is drawn.

import {Chart} from "symdyn/chart";
import {Divider, Flicker, Options} from "symdyn/compare";
import {element} from "symdyn/dom";
import {Gallery} from "symdyn/gallery";
import {Help} from "symdyn/keys";
import * as layouts from "symdyn/layouts";
import {decode, Scene} from "symdyn/packets";
import {Player} from "symdyn/player";
import {Probe} from "symdyn/probe";
import {Palette} from "symdyn/raster";
import {save} from "symdyn/save";
import {Series} from "symdyn/series";
import {Style} from "symdyn/theme";
import {Tools} from "symdyn/tools";
import {Tracers} from "symdyn/tracers";
import {Viewport} from "symdyn/viewport";

export class Board {
  constructor(model, el) {
    Object.assign(this, {model, scene: null, pictures: [], request: 0});
    Object.assign(this, {visible: true, painted: 0, arranged: ""});
    this.motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.palette = new Palette(new Uint8Array(model.tables.buffer ?? model.tables));
    this.redraw = () => { this.request ||= requestAnimationFrame(() => this.draw()); };
    this.build(el);
  }

  build(el) {
    this.story = element("div", "story", el);
    element("p", "words", this.story, {}, "Forecasting …");
    this.root = element("div", "symdyn", el);
    this.viewport = new Viewport(this.redraw);
    this.gallery = new Gallery(this);
    this.probe = new Probe(this);
    const bar = element("div", "player", this.root);
    this.player = new Player(bar, this.model, this.redraw, () => this.draw());
    this.options = new Options(bar);
    this.tools = new Tools(bar, this);
    this.stage = element("div", "stage", this.root);
    this.help = new Help(this.root);
    this.spoken = element("div", "spoken", this.root, {"aria-live": "polite"});
    this.style = new Style(this.root);
    this.divider = new Divider(this.redraw);
    this.flicker = new Flicker(this.options, this.redraw);
    this.tracers = new Tracers((dt) => this.carry(dt));
    this.series = new Series(() => this.probe.pin(null));
    this.buildSlots();
    this.options.pair.onchange = this.options.models.onchange = () => {
      this.arranged = "";
      this.redraw();
    };
  }

  /** The small figures, and the time series. */
  buildSlots() {
    this.charts = {growth: new Chart("growth"), spectra: new Chart("spectra")};
    this.slots = [this.charts.growth.root, this.charts.spectra.root, this.series.root];
  }

  /** Words, curves and perhaps frames, as the server sends them together. */
  receive({story, charts, packet}) {
    if (story !== this.told) this.story.innerHTML = this.told = story;
    for (const [name, spec] of Object.entries(JSON.parse(charts))) this.charts[name].follow(spec);
    if (packet) this.show(packet);
    this.redraw();
  }

  show(packet) {
    const header = decode(packet);
    if (!header) return;
    if (this.scene === null || header.generation !== this.scene.generation) {
      if (header.frames[0].lead !== 1) { this.model.missing = header.generation; return; }
      const shape = JSON.stringify(this.scene?.pictures && this.extents());
      this.scene = this.player.scene = new Scene(header);
      this.viewport.closest = Math.max(1, Math.max(...header.frames[0].fields.truth.shape) / 4);
      if (JSON.stringify(this.extents()) !== shape) this.fit();
    } else this.scene.add(header);
    if (!this.scene.whole) this.model.missing = header.generation;
  }

  extents() { return Object.values(this.scene.pictures).map(({extent}) => extent); }

  /** What is wanted, as far as the numbers for it have arrived. */
  get layout() {
    const wanted = this.model.view;
    return wanted === "square" && this.scene.kind !== "square" ? "forecasts" : wanted;
  }

  arrange() {
    const layout = this.layout;
    this.options.show(layout, this.scene);
    const arrange = {forecasts: layouts.forecasts, square: layouts.square}[layout] ?? layouts.pair;
    this.pictures = arrange(this);
    for (const picture of this.pictures) {
      picture.split = null;
      picture.front = 0;
      picture.badges(layout === "swipe" || layout === "flicker");
    }
    this.divider.root.remove();
    if (layout === "swipe") {
      this.pictures[0].pane.append(this.divider.root);
      this.divider.place();
    }
    this.arranged = layout;
    this.measure();
  }

  /** Sizes are read here only: to ask for them while drawing would lay the page out every time. */
  measure() {
    const top = this.stage.getBoundingClientRect().top;
    const above = top > 40 && top < window.innerHeight / 2 ? top : 190;
    this.root.style.setProperty("--room", `${Math.max(380, window.innerHeight - above - 14)}px`);
    this.style.read();
    for (const picture of this.pictures) picture.box = picture.frame.clientWidth;
    for (const plot of [...Object.values(this.charts), this.series]) plot.resize();
    this.fit();
    this.redraw();
  }

  fit() {
    if (!this.scene) return;
    for (const picture of this.pictures) {
      if (picture.box) picture.resize(picture.box, picture.about(this.scene).extent, this.style);
    }
  }

  /** All that pictures need to know to draw themselves. */
  view() {
    const {scene, viewport, probe: {point, pinned}, style, palette, player} = this;
    const {vectors} = this.model, lead = player.shown;
    return {
      scene, viewport, probe: point, pinned, style, palette, vectors, lead,
      moving: vectors === "particles" && !this.motion.matches && this.arranged !== "swipe",
      frame: scene.frames.get(lead),
      pictures: this.arranged === "swipe" || this.arranged === "flicker" ? 2 : this.pictures.length,
    };
  }

  draw() {
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (!this.scene?.available) return;
    if (this.arranged !== this.layout) this.arrange();
    const view = this.view(), layout = this.arranged;
    if (layout === "swipe") this.pictures[0].split = this.divider.share;
    if (layout === "flicker") this.pictures[0].front = this.flicker.front;
    for (const picture of this.pictures) picture.paint(view);
    for (const plot of [...Object.values(this.charts), this.series]) plot.paint(view);
    this.player.label();
    this.tools.label(this.viewport.zoom);
    this.animate(view);
    this.report(view);
  }

  /** What moves by itself, while it can be seen. */
  animate({moving}) {
    const wanted = this.visible && moving;
    if (!wanted && this.tracers.running) for (const {swarm} of this.pictures) swarm.clear();
    this.tracers.run(wanted);
    this.flicker.run(this.visible && this.arranged === "flicker"
      && (this.flicker.wanted ?? !this.motion.matches));
  }

  /** What is shown, for the style sheet and for who looks from outside. */
  report(view) {
    const {root, viewport: {zoom}, arranged} = this, pinned = view.pinned !== null;
    this.painted += 1;
    // In a task after the frame: for whoever wonders what a page takes.
    if (this.painted === 1) setTimeout(() => performance.mark("symdyn: first pictures"));
    root.classList.toggle("pinned", pinned);
    root.classList.toggle("zoomed", zoom > 1);
    this.slots[0].inert = pinned && arranged === "forecasts";
    Object.assign(root.dataset, {
      lead: view.lead, available: this.scene.available, generation: this.scene.generation,
      view: arranged, vectors: view.vectors, zoom: zoom.toFixed(3), painted: this.painted,
    });
  }

  carry(dt) {
    const view = this.view();
    for (const picture of this.pictures) picture.carry(view, dt);
  }

  save(name = "symdyn.png") {
    if (this.scene) save(this, name);
  }

  /** Rest for good. */
  close() {
    this.player.pause();
    this.tracers.run(false);
    this.flicker.run(false);
    this.gallery.close();
  }
}
