// One picture: caption, field with vectors and probe, axes, colour bar.

import {drawAxis} from "symdyn/axes";
import {element, quantity, round} from "symdyn/dom";
import {ERROR, Raster, SIGNED, SPEED} from "symdyn/raster";
import {Swarm} from "symdyn/tracers";
import {drawArrows, drawStreamlines, Velocities} from "symdyn/vectors";

const CELLS = 8;
/** From this zoom on cells are shown as cells. */
const NAMES = {a: "A", b: "B", error_a: "A", error_b: "B", truth: "Truth"};

/** Shows one field, or two side by side along a divider, or one of two in turn. */
export class Picture {
  constructor(id, keys) {
    this.id = id;
    this.keys = keys;
    this.front = 0;
    this.split = null;
    this.axes = {x: false, y: false};
    this.rasters = keys.map(() => new Raster());
    this.build();
    this.swarm = new Swarm(this.overlay);
    this.stamp = this.labelled = "";
  }

  build() {
    this.root = element("figure", `picture ${this.id}`, null, {"data-key": this.id});
    this.caption = element("figcaption", "", this.root);
    this.title = element("span", "title", this.caption);
    this.value = element("span", "value", this.caption);
    this.frame = element("div", "frame", this.root);
    this.pane = element("div", "pane", this.frame);
    this.canvas = element("canvas", "field", this.pane, {role: "img", tabindex: "0"});
    this.overlay = element("canvas", "overlay", this.pane, {"aria-hidden": "true"});
    this.axisX = element("canvas", "axis-x", this.pane, {"aria-hidden": "true"});
    this.axisY = element("canvas", "axis-y", this.pane, {"aria-hidden": "true"});
    this.names = this.keys.map((key, i) => element("div", `badge ${i ? "second" : "first"}`, this.pane,
      {"aria-hidden": "true", hidden: ""}, NAMES[key] ?? ""));
    this.place = element("div", "place", this.pane, {"aria-hidden": "true", hidden: ""});
    this.bar = element("div", "bar", this.root);
    this.low = element("span", "low", this.bar);
    this.colours = element("canvas", "", this.bar, {width: 256, height: 1, "aria-hidden": "true"});
    this.high = element("span", "high", this.bar);
    this.unit = element("span", "unit", this.bar);
  }

  /** Letters in the corners, where two fields share a picture. */
  badges(wanted) {
    for (const name of this.names) name.hidden = !wanted;
  }

  get key() { return this.keys[this.front]; }

  about(scene, key = this.key) { return scene.pictures[key]; }

  /** Colour map and limits. */
  scale(scene, frame, key = this.key) {
    const error = this.about(scene, key).error, high = error ? frame.error_limit : scene.limit;
    return {map: scene.signed ? SIGNED : error ? ERROR : SPEED, low: scene.signed ? -high : 0, high};
  }

  /** Bring the screen up to date; what has not changed is left alone. */
  paint(view) {
    const {scene, lead, frame, viewport} = view;
    const field = scene.field(this.key, lead);
    this.pane.hidden = !field || !this.box;
    if (this.pane.hidden) return;
    this.label(view);
    this.colour(view);
    const probes = [...view.probe ?? [], "/", ...view.pinned ?? []].join();
    const moving = view.vectors === "particles" && !view.still;
    const stamp = [...this.rasters.map((raster) => raster.version), viewport.version, view.vectors,
      view.still, probes, this.split, this.front, this.size.join(), view.style.version,
      scene.arrows(this.key, lead) && view.vectors !== "none" ? `${scene.generation}/${lead}` : ""].join();
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      const context = this.canvas.getContext("2d");
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      this.render(context, this.canvas.width, this.canvas.height, view, this.ratio, moving);
    }
    this.paintAxes(view);
    this.mark();
    this.read(view, frame);
  }

  /** Which of two letters stand for what is seen. */
  mark() {
    if (this.split !== null) return;
    this.names.forEach((name, i) => { name.style.visibility = i === this.front ? "" : "hidden"; });
  }

  colour({scene, lead, frame, viewport, palette}) {
    this.keys.forEach((key, i) => {
      const field = scene.field(key, lead);
      if (!field || (this.split === null && i !== this.front)) return;
      const {map, low, high} = this.scale(scene, frame, key);
      this.rasters[i].paint(field, palette.maps[map], low, high, viewport.zoom < CELLS);
    });
  }

  /** Field, vectors and probe on an empty screen of w by h pixels. */
  render(context, w, h, view, ratio, moving = false) {
    const place = view.viewport.domain(w, h);
    if (this.split === null) this.rasters[this.front].draw(context, place, ratio);
    else this.drawBoth(context, w, h, place, ratio);
    const velocities = moving ? null : this.velocities(view);
    if (velocities) {
      const draw = view.vectors === "arrows" ? drawArrows : drawStreamlines;
      draw(context, w, h, velocities, view.viewport, view.scene.fastest, this.pen(view) * ratio);
    }
    for (const [point, pinned] of [[view.pinned, true], [view.probe, false]]) {
      if (point) drawProbe(context, view.viewport.screen(point, w, h), ratio * this.pen(view), pinned);
    }
  }

  drawBoth(context, w, h, place, ratio) {
    const middle = Math.round(this.split * w);
    const other = document.createElement("canvas");
    other.width = w; other.height = h;
    this.rasters[1].draw(other.getContext("2d"), place, ratio);
    this.rasters[0].draw(context, place, ratio);
    context.clearRect(middle, 0, w, h);
    if (middle < w) context.drawImage(other, middle, 0, w - middle, h, middle, 0, w - middle, h);
    context.fillStyle = "#000";
    context.fillRect(middle - 1.5 * ratio, 0, 3 * ratio, h);
    context.fillStyle = "#fff";
    context.fillRect(middle - 0.5 * ratio, 0, ratio, h);
  }

  /** What moves here; null where vectors are not wanted, or have no meaning. */
  velocities({scene, lead, vectors}) {
    if (vectors === "none" || this.split !== null) return null;
    const arrows = scene.arrows(this.key, lead), field = scene.field(this.key, lead);
    if (!arrows || !field) return null;
    if (this.moving?.arrows !== arrows) {
      const velocities = new Velocities(arrows, field, this.about(scene).extent, scene.sampling);
      this.moving = {arrows, velocities};
    }
    return this.moving.velocities;
  }

  /** Width of lines: large pictures are seen from afar. */
  pen({style}) { return style.line * Math.max(1, Math.sqrt(this.size[0] / 240)); }

  /** Carry the particles on by dt seconds. */
  flow(view, dt) {
    const velocities = this.pane.hidden ? null : this.velocities(view);
    const stamp = `${view.viewport.version}/${view.scene.generation}/${this.front}`;
    if (stamp !== this.flowing) { this.flowing = stamp; this.swarm.clear(); }
    if (velocities) {
      this.swarm.step(velocities, view.viewport, view.scene.fastest, dt, this.ratio * this.pen(view));
    }
  }

  label(view) {
    const {scene, frame, palette} = view, about = this.about(scene);
    const {map, low, high} = this.scale(scene, frame);
    const stamp = [scene.generation, this.keys.join(), this.front, this.split === null, map, high].join();
    if (stamp === this.labelled) return;
    this.labelled = stamp;
    const unit = scene.unit ? ` ${scene.unit}` : "";
    const names = this.keys.map((key) => this.about(scene, key).title);
    this.title.textContent = this.split === null ? about.title : `${names[0]}  |  ${names[1]}`;
    this.title.title = `${this.title.textContent}. ${about.help}`;
    this.canvas.setAttribute("aria-label", `${this.title.textContent}: ${scene.field_title}, `
      + `${round(low)} to ${round(high)}${unit}. ${about.help}`);
    this.low.textContent = round(low);
    this.high.textContent = round(high);
    this.unit.textContent = scene.unit;
    this.bar.title = `${scene.field_title}: colours from ${round(low)} to ${round(high)}${unit}; `
      + "stronger values take the end colour. Hatched cells are land or unknown: they are never scored.";
    this.colours.getContext("2d").drawImage(palette.bars[map], 0, 0);
  }

  /** Caption on the right: the value under the probe, else the number of this lead. */
  read({scene, lead, probe}, frame) {
    const caption = frame.captions[this.key] ?? "";
    if (this.told) this.told.textContent = caption && `ways differ by ${caption}`;
    const text = probe ? quantity(scene.value(this.key, lead, probe), scene.short_unit)
      : this.told ? "" : caption;
    if (this.value.textContent !== text) this.value.textContent = text;
  }

  /** Sizes of all canvases for a frame of ``box`` CSS pixels. */
  resize(box, extent, style) {
    const [width, height] = extent, largest = Math.max(width, height);
    const w = box * width / largest, h = box * height / largest;
    this.box = box;
    this.ratio = Math.min(3, window.devicePixelRatio || 1);
    this.size = [w, h, this.ratio];
    this.pane.style.width = `${w}px`; this.pane.style.height = `${h}px`;
    for (const canvas of [this.canvas, this.overlay]) fit(canvas, w, h, this.ratio);
    fit(this.axisX, w + 16, style.small + 6, this.ratio);
    fit(this.axisY, style.gutter, h, this.ratio);
    this.ticked = "";
  }

  paintAxes(view) {
    const stamp = `${view.viewport.version}/${view.style.version}/${view.scene.generation}`;
    if (stamp === this.ticked) return;
    this.ticked = stamp;
    for (const [axis, canvas] of [["x", this.axisX], ["y", this.axisY]]) {
      canvas.hidden = !this.axes[axis];
      if (canvas.hidden) continue;
      const context = canvas.getContext("2d");
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.translate(...(axis === "x" ? [8, 0] : [view.style.gutter, 0]));
      this.drawAxis(context, axis, view);
    }
  }

  drawAxis(context, axis, {scene, viewport, style}) {
    const i = axis === "x" ? 0 : 1, size = this.about(scene).extent[i];
    const low = (i ? viewport.bottom : viewport.left) * size;
    drawAxis(context, axis, {
      low, high: low + size / viewport.zoom, unit: scene.length_unit, length: this.size[i], style,
    });
  }
}

function fit(canvas, w, h, ratio) {
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width; canvas.height = height;
  canvas.style.width = `${w}px`; canvas.style.height = `${h}px`;
}

function drawProbe(context, [x, y], width, pinned) {
  const arm = 9 * width;
  for (const [colour, wide] of [["#000b", 3], ["#fff", 1.2]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide * width;
    context.beginPath();
    context.moveTo(x - arm, y); context.lineTo(x + arm, y);
    context.moveTo(x, y - arm); context.lineTo(x, y + arm);
    if (pinned) { context.moveTo(x + arm * 0.6, y); context.arc(x, y, arm * 0.6, 0, 7); }
    context.stroke();
  }
}
