// One picture: a field with velocities and marks, its words and axes.

import {Axes, fit} from "symdyn/axes";
import {Caption} from "symdyn/caption";
import {element} from "symdyn/dom";
import {drawCross} from "symdyn/probe";
import {ERROR, Raster, SIGNED, SPEED} from "symdyn/raster";
import {blank, Stills} from "symdyn/stills";
import {Swarm} from "symdyn/tracers";
import {drawArrows, drawStreamlines, Velocities} from "symdyn/vectors";

const CELLS = 8;
/** From this zoom on cells are shown as cells. */
const NAMES = {a: "A", b: "B", error_a: "A", error_b: "B", truth: "Truth"};
const SWARM = 480;
/** Pixels along a side that particles are drawn on, at most: their trails are soft. */

/** Shows one field, or two side by side along a divider, or one of two in turn. */
export class Picture {
  constructor(id, keys) {
    Object.assign(this, {id, keys, front: 0, split: null, seen: true, stamp: ""});
    this.rasters = keys.map(() => new Raster());
    this.stills = new Stills();
    this.build();
    this.swarm = new Swarm(this.overlay);
  }

  build() {
    this.root = element("figure", `picture ${this.id}`, null, {"data-key": this.id});
    this.caption = new Caption(this.root);
    this.frame = element("div", "frame", this.root);
    this.pane = element("div", "pane", this.frame);
    this.canvas = element("canvas", "field", this.pane, {role: "img", tabindex: "0"});
    this.overlay = element("canvas", "overlay", this.pane, {"aria-hidden": "true", hidden: ""});
    this.axes = new Axes(this.pane);
    this.names = this.keys.map((key, i) => element("div", `badge ${i ? "second" : "first"}`, this.pane,
      {"aria-hidden": "true", hidden: ""}, NAMES[key] ?? ""));
    this.place = element("div", "place", this.pane, {"aria-hidden": "true", hidden: ""});
    this.caption.buildBar(this.root);
  }

  /** Letters in the corners, where two fields share a picture. */
  badges(wanted) {
    for (const name of this.names) name.hidden = !wanted;
  }

  get key() { return this.keys[this.front]; }

  /** What is on the screen: one field, or both. */
  get both() { return this.split === null ? [this.front] : [0, 1]; }

  about(scene, key = this.key) { return scene.pictures[key]; }

  /** Colour map and limits. */
  scale(scene, frame, key = this.key) {
    const error = this.about(scene, key).error, high = error ? frame.error_limit : scene.limit;
    return {map: scene.signed ? SIGNED : error ? ERROR : SPEED, low: scene.signed ? -high : 0, high};
  }

  /** Bring the screen up to date; what has not changed is left alone. */
  paint(view) {
    const field = view.scene.field(this.key, view.lead);
    this.pane.hidden = !field || !this.box;
    if (this.pane.hidden) return;
    this.overlay.hidden = !view.moving;
    this.caption.label(this, view);
    this.caption.read(this, view);
    this.axes.paint(this.about(view.scene).extent, view);
    this.mark();
    if (this.seen) this.show(view);
  }

  /** Which of two letters stand for what is seen. */
  mark() {
    this.names.forEach((name, i) => {
      const visibility = this.both.includes(i) ? "" : "hidden";
      if (name.style.visibility !== visibility) name.style.visibility = visibility;
    });
  }

  /** Copy the stills of the fields onto the screen, and mark the probe. */
  show(view) {
    const {scene, lead, frame, viewport, vectors, moving, style} = view, {width: w, height: h} = this.canvas;
    const look = [scene.generation, viewport.version, moving ? "moving" : vectors, style.version].join();
    this.stills.prepare(look, w, h, view.pictures);
    const fields = this.both.map((i) => scene.field(this.keys[i], lead));
    const stamp = [look, w, h, this.split, view.probe, "/", view.pinned,
      ...fields.map((field) => field?.id), frame.error_limit].join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const layers = this.both.map((i, n) => fields[n] && this.stills.of(fields[n], (context) => {
      this.draw(i, context, view, this.ratio);
    }));
    this.compose(this.canvas.getContext("2d"), layers, view, this.ratio);
  }

  /** Everything anew on an empty screen, as for a file. */
  render(context, view, ratio) {
    const {width, height} = context.canvas;
    const layers = this.both.map((i) => {
      const layer = blank(width, height);
      this.draw(i, layer.getContext("2d"), view, ratio);
      return layer;
    });
    this.compose(context, layers, view, ratio);
  }

  /** One field and its velocities on an empty screen. */
  draw(i, context, view, ratio) {
    const {scene, lead, frame, viewport, palette, vectors} = view, key = this.keys[i];
    const field = scene.field(key, lead), {map, low, high} = this.scale(scene, frame, key);
    const {width, height} = context.canvas, raster = this.rasters[i];
    if (!field) return;
    const place = viewport.domain(width, height), cell = place[2] / field.shape[1];
    raster.paint(field, palette.maps[map], low, high, viewport.zoom < CELLS, cell);
    raster.draw(context, place, ratio);
    const velocities = view.moving ? null : this.velocities(view, key);
    if (!velocities) return;
    const drawn = vectors === "arrows" ? drawArrows : drawStreamlines;
    drawn(context, width, height, velocities, viewport, scene.fastest, this.pen(view) * ratio, ratio);
  }

  /** Layers, the divider between them, and what is marked. */
  compose(context, [first, second], view, ratio) {
    const {width: w, height: h} = context.canvas, middle = Math.round((this.split ?? 1) * w);
    context.clearRect(0, 0, w, h);
    if (first && middle > 0) context.drawImage(first, 0, 0, middle, h, 0, 0, middle, h);
    if (this.split !== null) {
      if (second && middle < w) context.drawImage(second, middle, 0, w - middle, h, middle, 0, w - middle, h);
      drawDivider(context, middle, h, ratio);
    }
    for (const [point, pinned] of [[view.pinned, true], [view.probe, false]]) {
      if (point) drawCross(context, view.viewport.screen(point, w, h), ratio * this.pen(view), pinned);
    }
  }

  /** What moves here; null where vectors are not wanted, or are not known. */
  velocities({scene, lead, vectors}, key = this.key) {
    const arrows = vectors !== "none" && scene.arrows(key, lead), field = scene.field(key, lead);
    if (!arrows || !field) return null;
    if (this.flow?.arrows !== arrows) {
      const velocities = new Velocities(arrows, field, this.about(scene, key).extent, scene.sampling);
      this.flow = {arrows, velocities};
    }
    return this.flow.velocities;
  }

  /** Width of lines: large pictures are seen from afar. */
  pen({style}) { return style.line * Math.max(1, Math.sqrt(this.canvas.width / this.ratio / 240)); }

  /** Carry the particles on by dt seconds. */
  carry(view, dt) {
    const velocities = this.pane.hidden || !this.seen ? null : this.velocities(view);
    const stamp = `${view.viewport.version}/${view.scene.generation}/${this.front}`;
    if (stamp !== this.carried) { this.carried = stamp; this.swarm.clear(); }
    if (!velocities) return;
    const width = this.pen(view) * this.overlay.width / this.canvas.width * this.ratio;
    this.swarm.step(velocities, view.viewport, view.scene.fastest, dt, width);
  }

  /** Sizes of all canvases for a frame of ``box`` CSS pixels. */
  resize(box, extent, style) {
    const [width, height] = extent, largest = Math.max(width, height);
    const w = box * width / largest, h = box * height / largest;
    this.box = box;
    this.ratio = Math.min(3, window.devicePixelRatio || 1);
    this.pane.style.width = `${w}px`; this.pane.style.height = `${h}px`;
    fit(this.canvas, w, h, this.ratio);
    fit(this.overlay, w, h, Math.min(this.ratio, SWARM / box));
    this.axes.resize(w, h, this.ratio, style);
    this.stamp = "";
  }
}

function drawDivider(context, x, h, ratio) {
  context.fillStyle = "#000";
  context.fillRect(x - 1.5 * ratio, 0, 3 * ratio, h);
  context.fillStyle = "#fff";
  context.fillRect(x - 0.5 * ratio, 0, ratio, h);
}
