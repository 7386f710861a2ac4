// Ticks along an axis, at round numbers.

import {round} from "symdyn/dom";

/** Round numbers between low and high, about ``count`` of them. */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((size) => size * decade >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-6), last = Math.floor(high / step + 1e-6);
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Left of or below a picture: the part of the domain that it shows. Sizes in CSS pixels. */
export function drawAxis(context, axis, {low, high, unit, length, style}) {
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
    const text = round(value) + (short && i === values.length - 1 ? ` ${short}` : "");
    if (axis === "x") horizontal(context, place, text, length);
    else vertical(context, length - place, text, length, style);
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

/** The origin is the upper right corner of the strip. */
function vertical(context, y, text, length, style) {
  context.moveTo(-3, y); context.lineTo(0, y);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const half = style.small / 2;
  context.fillText(text, -5, Math.max(half, Math.min(length - half, y)));
}
