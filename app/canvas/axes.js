// Rulers along two sides of a picture: ticks at round numbers.

import {element, round} from "symdyn/dom";

/** Left of and below a picture: the part of the domain that it shows. */
export class Axes {
  constructor(pane) {
    this.canvases = {
      x: element("canvas", "axis-x", pane, {"aria-hidden": "true"}),
      y: element("canvas", "axis-y", pane, {"aria-hidden": "true"}),
    };
    this.shown = {x: false, y: false};
    this.stamp = "";
  }

  /** Fit a picture of w by h CSS pixels. */
  resize(w, h, ratio, style) {
    Object.assign(this, {size: {x: w, y: h}, ratio, stamp: ""});
    fit(this.canvases.x, w + 16, style.small + 6, ratio);
    fit(this.canvases.y, style.gutter, h, ratio);
  }

  paint(extent, {scene, viewport, style}) {
    const stamp = [viewport.version, style.version, ...extent, scene.length_unit, this.shown.x, this.shown.y].join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    for (const [axis, canvas] of Object.entries(this.canvases)) {
      canvas.hidden = !this.shown[axis];
      if (canvas.hidden) continue;
      const context = canvas.getContext("2d"), size = extent[axis === "x" ? 0 : 1];
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.translate(...(axis === "x" ? [8, 0] : [style.gutter, 0]));
      const low = (axis === "x" ? viewport.left : viewport.bottom) * size;
      drawAxis(context, axis, {
        low, high: low + size / viewport.zoom, unit: scene.length_unit, length: this.size[axis], style,
      });
    }
  }
}

/** Make a canvas of w by h CSS pixels, if it is not. */
export function fit(canvas, w, h, ratio) {
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width; canvas.height = height;
  }
  canvas.style.width = `${w}px`; canvas.style.height = `${h}px`;
}

/** Round numbers between low and high, about ``count`` of them. */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((size) => size * decade >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-6), last = Math.floor(high / step + 1e-6);
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Sizes in CSS pixels. */
function drawAxis(context, axis, {low, high, unit, length, style}) {
  context.font = `${style.small}px ${style.family}`;
  context.fillStyle = context.strokeStyle = style.muted;
  context.lineWidth = style.line;
  context.beginPath();
  const room = axis === "x" ? 70 : 50, short = unit.length < 8 ? unit : "";
  const count = Math.min(4, Math.max(1, Math.floor(length / room)));
  // A single tick tells no scale.
  const values = [ticks(low, high, count), ticks(low, high, 2 * count)].find(({length: n}, i) => n > 1 || i);
  values.forEach((value, i) => {
    const place = (value - low) / (high - low) * length;
    const words = [round(value), ...(short && i === values.length - 1 ? [short] : [])];
    if (axis === "x") horizontal(context, place, words.join(" "), length);
    else vertical(context, length - place, words, length, style);
  });
  context.stroke();
}

function horizontal(context, x, text, length) {
  context.moveTo(x, 0); context.lineTo(x, 3);
  const half = context.measureText(text).width / 2;
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(text, Math.max(-8, Math.min(length + 8 - 2 * half, x - half)), 4);
}

/** The origin is the upper right corner of the strip; a unit that is too wide for it stands below. */
function vertical(context, y, words, length, style) {
  context.moveTo(-3, y); context.lineTo(0, y);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const half = style.small / 2, whole = words.join(" ");
  const texts = context.measureText(whole).width > style.gutter - 5 ? words : [whole];
  texts.forEach((text, line) => {
    const middle = y + 2.2 * half * line;
    context.fillText(text, -5, Math.max(half * (1 + 2.2 * line), Math.min(length - half, middle)));
  });
}
