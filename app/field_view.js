// The field view in the browser: receives packets of app/pictures.py, and shows them as is chosen.
// Its parts are the modules in app/canvas.

import {Divider, Flicker, Options} from "symdyn/compare";
import {button, clamp, element, number, quantity} from "symdyn/dom";
import {attach} from "symdyn/gestures";
import {Help, listen, probing} from "symdyn/keys";
import * as layouts from "symdyn/layouts";
import {decode, Scene} from "symdyn/packets";
import {Picture} from "symdyn/picture";
import {Player} from "symdyn/player";
import {Palette} from "symdyn/raster";
import {save} from "symdyn/save";
import {Series} from "symdyn/series";
import {Style} from "symdyn/theme";
import {Tracers} from "symdyn/tracers";
import {Viewport} from "symdyn/viewport";

/** Everything of one field view. */
class Board {
  constructor(model, el) {
    this.model = model;
    this.scene = this.probe = this.pinned = null;
    this.known = new Map();
    this.pictures = [];
    this.drawing = false;
    this.visible = true;
    this.painted = 0;
    this.arranged = "";
    this.motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.palette = new Palette(new Uint8Array(model.tables.buffer ?? model.tables));
    this.build(el);
  }

  build(el) {
    this.redraw = () => {
      if (!this.drawing) { this.drawing = true; requestAnimationFrame(() => this.draw()); }
    };
    this.root = element("div", "symdyn", el);
    this.viewport = new Viewport(this.redraw);
    const bar = element("div", "player", this.root);
    this.player = new Player(bar, this.model, this.redraw);
    this.options = new Options(bar);
    this.buildTools(element("div", "tools", bar));
    this.stage = element("div", "stage", this.root);
    this.help = new Help(this.root);
    this.spoken = element("div", "spoken", this.root, {"aria-live": "polite"});
    this.style = new Style(this.root);
    this.divider = new Divider(() => this.redraw());
    this.flicker = new Flicker(this.options, () => this.redraw());
    this.tracers = new Tracers((dt) => this.flow(dt));
    this.series = new Series(() => this.pin(null));
    this.slots = ["growth", "spectra"].map((name) => {
      const slot = element("div", `slot ${name}`, null);
      slot.append(this.model.get_child(name));
      return slot;
    });
    this.slots.push(this.series.root);
    this.options.pair.onchange = this.options.models.onchange = () => {
      this.arranged = "";
      this.redraw();
    };
  }

  buildTools(tools) {
    const tool = (className, title, image, action) => {
      button(tools, className, title, {image}).onclick = action;
    };
    tool("farther", "Zoom out (key −)", "farther", () => this.viewport.zoomAt(1 / 1.5));
    this.zoom = element("span", "zoom", tools, {title: "Zoom of all pictures"}, "1×");
    tool("closer", "Zoom in (key +)", "closer", () => this.viewport.zoomAt(1.5));
    tool("whole", "Show all (key 0)", "whole", () => this.viewport.reset());
    tool("save", "Save this view as a PNG picture", "save", () => this.save());
    tool("keys", "Keys (key ?)", "help", () => this.help.toggle());
  }

  /** A picture of one field or two; made when first wanted. */
  picture(id, keys) {
    if (!this.known.has(id)) {
      const picture = new Picture(id, keys);
      attach(picture, this);
      probing(picture, this);
      this.known.set(id, picture);
    }
    return this.known.get(id);
  }

  receive(packet) {
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
    this.redraw();
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
    this.series.resize();
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
    const {scene, viewport, probe, pinned, style, palette, player} = this;
    const vectors = this.model.vectors !== "none" ? this.model.vectors : this.model.arrows ? "arrows" : "none";
    return {
      scene, viewport, probe, pinned, style, palette, vectors, still: this.motion.matches,
      lead: player.shown, frame: scene.frames.get(player.shown),
    };
  }

  draw() {
    this.drawing = false;
    if (!this.scene?.available) return;
    if (this.arranged !== this.layout) this.arrange();
    const view = this.view(), layout = this.arranged;
    if (layout === "swipe") this.pictures[0].split = this.divider.share;
    if (layout === "flicker") this.pictures[0].front = this.flicker.front;
    for (const picture of this.pictures) picture.paint(view);
    this.series.paint(view);
    this.player.label();
    this.painted += 1;
    this.animate(view);
    this.zoom.textContent = `${this.viewport.zoom.toPrecision(2)}×`;
    this.root.classList.toggle("pinned", this.pinned !== null);
    this.root.classList.toggle("zoomed", this.viewport.zoom > 1);
    this.slots[0].inert = this.pinned !== null && layout === "forecasts";
    Object.assign(this.root.dataset, {
      lead: view.lead, available: this.scene.available, generation: this.scene.generation,
      view: layout, vectors: view.vectors, zoom: this.viewport.zoom.toFixed(3), painted: this.painted,
    });
  }

  /** What moves by itself, while it can be seen. */
  animate(view) {
    const moving = this.visible && view.vectors === "particles" && !view.still
      && this.arranged !== "swipe";
    if (!moving && this.tracers.running) for (const {swarm} of this.pictures) swarm.clear();
    this.tracers.run(moving);
    this.flicker.run(this.visible && this.arranged === "flicker"
      && (this.flicker.wanted ?? !view.still));
  }

  flow(dt) {
    const view = this.view();
    for (const picture of this.pictures) picture.flow(view, dt);
  }

  /** Show the probe at a point, read from ``picture``; null takes it away. */
  look(point, picture) {
    this.probe = point;
    if (this.looked && this.looked !== picture) this.looked.place.hidden = true;
    this.looked = picture;
    picture.place.hidden = !point;
    if (point) {
      const [x, y] = this.viewport.screen(point, 100, 100), [width, height] = picture.about(this.scene).extent;
      picture.place.textContent = `${number(point[0] * width)}, ${number(point[1] * height)} ${this.scene.length_unit}`;
      picture.place.style.cssText = (x > 60 ? `right:calc(${100 - x}% + 10px);` : `left:calc(${x}% + 10px);`)
        + (y > 20 ? `bottom:calc(${100 - y}% + 8px)` : `top:calc(${y}% + 8px)`);
    }
    this.redraw();
  }

  /** Keep a point: its values are shown against time. */
  pin(point) {
    this.pinned = point && point.map((share) => clamp(share, 0, 0.99999));
    this.model.pinned = this.pinned ?? [];
    this.redraw();
  }

  followPin() {
    const {pinned} = this.model;
    this.pinned = pinned?.length === 2 ? [...pinned] : null;
    this.redraw();
  }

  /** The values under the probe, for those who do not see them. */
  tell() {
    const {scene, probe, player} = this;
    this.spoken.textContent = this.pictures.filter(({pane}) => !pane.hidden).map((picture) =>
      `${picture.about(scene).title} ${quantity(scene.value(picture.key, player.shown, probe), scene.unit)}`,
    ).join("; ");
  }

  save() {
    if (this.scene) save(this, this.model.export_name || "symdyn.png");
  }
}

export function render({model, el}) {
  const board = new Board(model, el);
  const recolour = () => { board.style.follow(model.theme); board.redraw(); };
  const answers = {
    lead: () => board.player.follow(),
    arrows: board.redraw,
    vectors: board.redraw,
    view: board.redraw,
    pinned: () => board.followPin(),
    theme: () => { board.style.follow(model.theme); board.measure(); },
    export_request: () => board.save(),
  };
  model.on("msg:custom", (packet) => board.receive(packet));
  for (const [name, answer] of Object.entries(answers)) model.on(name, answer);

  const onVisit = () => { model.visited = window.location.search; };
  window.addEventListener("popstate", onVisit);
  board.motion.addEventListener("change", board.redraw);
  const stopKeys = listen(board);
  const watcher = new ResizeObserver(() => { board.measure(); });
  watcher.observe(board.root);
  const sight = new IntersectionObserver((entries) => {
    board.visible = entries[entries.length - 1].isIntersecting;
    if (!board.visible) board.player.pause();
    board.redraw();
  });
  sight.observe(board.root);
  const onWindow = () => board.measure();
  window.addEventListener("resize", onWindow);
  const theme = new MutationObserver(recolour);
  theme.observe(document.documentElement, {attributes: true, attributeFilter: ["class"]});

  model.prefers_dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  recolour();
  board.followPin();
  model.on("remove", () => {
    board.player.pause();
    board.tracers.run(false);
    board.flicker.run(false);
    for (const observer of [watcher, sight, theme]) observer.disconnect();
    stopKeys();
    window.removeEventListener("popstate", onVisit);
    window.removeEventListener("resize", onWindow);
    board.motion.removeEventListener("change", board.redraw);
  });
  model.ready = model.ready + 1;
}
