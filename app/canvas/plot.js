// Lines on axes, linear or logarithmic, with a legend: what app/panels/charts.py describes.

import {ticks} from "symdyn/axes";
import {round} from "symdyn/dom";

const PALE = 0.25;
const DASHES = {dashed: [6, 4], dotted: [2, 3], dashdot: [7, 3, 2, 3]};

/** From values to pixels. */
function scale({low, high, log}, from, to) {
  if (log) return (value) => from + Math.log(value / low) / Math.log(high / low) * (to - from);
  return (value) => from + (value - low) / (high - low) * (to - from);
}

/** Everything, at (0, 0) in w by h; returns how values become pixels. */
export function draw(context, w, h, spec, lead, style) {
  const {small} = style, named = spec.lines.filter(({end}) => end);
  context.font = `${small}px ${style.family}`;
  const words = Math.max(0, ...named.map(({end}) => context.measureText(end).width));
  const box = {
    left: style.gutter + 4, right: w - Math.max(8, words), top: 0.6 * small, bottom: h - 2.5 * small - 6,
  };
  const vertical = limits(spec);
  const x = scale(spec.x, box.left, box.right), y = scale(vertical, box.bottom, box.top);
  context.lineJoin = "round";
  drawAxes(context, box, spec.x, vertical, x, y, style);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 2, box.right - box.left + 4, box.bottom - box.top + 4);
  context.clip();
  for (const line of spec.lines) drawLine(context, spec, line, lead, x, y, style);
  context.restore();
  name(context, spec, named, x, y, style);
  legend(context, box, spec, style);
  context.fillStyle = style.muted;
  context.textAlign = "right"; context.textBaseline = "top";
  if (spec.note) context.fillText(spec.note, w - 8, box.top, w - 8 - box.left);
  return {x, y};
}

/** The axis of values; where the server leaves its end open, as high as the lines. */
function limits({y, lines}) {
  if (y.high != null) return y;
  const all = lines.flatMap(({values: found}) => found).filter((value) => value != null);
  return {...y, high: 1.08 * Math.max(...all, 0) || 1};
}

function drawAxes(context, box, horizontal, vertical, x, y, style) {
  const {small} = style;
  context.fillStyle = style.muted;
  context.strokeStyle = style.faint;
  context.lineWidth = style.line;
  context.beginPath();
  context.textAlign = "right"; context.textBaseline = "middle";
  const rows = Math.max(2, (box.bottom - box.top) / (3 * small));
  for (const [value, text] of vertical.log ? decades(vertical, rows)
    : ticks(vertical.low, vertical.high, rows).map((tick) => [tick, round(tick)])) {
    context.moveTo(box.left, y(value)); context.lineTo(box.right, y(value));
    context.fillText(text, box.left - 5, y(value));
  }
  context.textAlign = "center"; context.textBaseline = "top";
  for (const value of horizontal.ticks) {
    context.moveTo(x(value), box.bottom); context.lineTo(x(value), box.bottom + 4);
  }
  for (const [value, text] of named(context, horizontal.ticks, x, 0.4 * small)) {
    context.fillText(text, x(value), box.bottom + 5);
  }
  context.moveTo(box.left, box.bottom); context.lineTo(box.right, box.bottom);
  context.stroke();
  context.fillText(horizontal.label, (box.left + box.right) / 2, box.bottom + 1.3 * small + 6,
    box.right - box.left + 2 * small);
}

/** Ticks with their names: every one, or every second, third ... from the last, as there is room. */
function named(context, ticks, x, gap) {
  const all = ticks.map((value) => [value, round(value), context.measureText(round(value)).width / 2]);
  for (let step = 1; step < all.length; step++) {
    const some = all.filter((_, i) => (all.length - 1 - i) % step === 0);
    const clear = ([value, , half], i) => !i
      || x(value) - half > x(some[i - 1][0]) + some[i - 1][2] + gap;
    if (some.every(clear)) return some;
  }
  return all.slice(-1);
}

const RAISED = {"-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹"};

/** Powers of ten, as many as there is room for. */
function decades({low, high}, count) {
  const first = Math.ceil(Math.log10(low) - 1e-6), last = Math.floor(Math.log10(high) + 1e-6);
  const step = Math.max(1, Math.ceil((last - first) / count));
  return Array.from({length: Math.floor((last - first) / step) + 1}, (_, i) => {
    const power = last - i * step;
    return [10 ** power, `10${[...String(power)].map((sign) => RAISED[sign]).join("")}`];
  });
}

/** A line; one that grows is pale beyond the lead that is shown. */
function drawLine(context, spec, line, lead, x, y, style) {
  const points = spec.at.map((at, i) => [at, line.values[i]]);
  context.strokeStyle = context.fillStyle = line.colour || style.muted;
  context.lineWidth = line.width * style.line;
  context.setLineDash((DASHES[line.dash] ?? []).map((length) => length * style.line));
  const stroke = (some, alpha) => {
    context.globalAlpha = alpha;
    context.beginPath();
    let pen = false;
    for (const [at, value] of some) {
      if (value == null || (spec.y.log && value <= 0)) { pen = false; continue; }
      if (pen) context.lineTo(x(at), y(value)); else context.moveTo(x(at), y(value));
      pen = true;
    }
    context.stroke();
  };
  const grows = spec.grows && line.grows !== false;
  stroke(points, grows ? PALE * line.alpha : line.alpha);
  if (grows) stroke(points.slice(0, lead), line.alpha);
  context.setLineDash([]);
  if (line.marker) for (const point of points.slice(0, lead)) mark(context, line.marker, ...point, x, y, style);
  context.globalAlpha = 1;
}

function mark(context, marker, at, value, x, y, style) {
  if (value == null) return;
  const radius = 2.6 * style.line;
  context.beginPath();
  if (marker === "circle") context.arc(x(at), y(value), radius, 0, 7);
  else context.rect(x(at) - radius, y(value) - radius, 2 * radius, 2 * radius);
  context.fill();
}

/** What lines are, beyond their ends, where no line is; names that would touch are moved apart. */
function name(context, spec, lines, x, y, {small, muted}) {
  const names = lines.flatMap(({values: found, end}) => {
    const last = found.findLastIndex((value) => value != null);
    return last < 0 ? [] : [{end, left: x(spec.at[last]) + 3, at: y(found[last])}];
  }).sort((one, other) => one.at - other.at);
  context.fillStyle = muted;
  context.textAlign = "left"; context.textBaseline = "middle";
  let free = -Infinity;
  for (const {end, left, at} of names) {
    const middle = Math.max(at, free);
    context.fillText(end, left, middle);
    free = middle + 1.15 * small;
  }
}

function legend(context, box, spec, style) {
  const {small} = style, lines = spec.lines.filter(({values: found, label}) =>
    label && found.some((value) => value != null));
  const step = 1.25 * small, top = spec.legend === "below"
    ? box.bottom - lines.length * step - 3 : box.top + 3;
  const widest = Math.max(0, ...lines.map(({label}) => context.measureText(label).width));
  context.globalAlpha = 0.7;
  context.fillStyle = style.paper;
  context.fillRect(box.left + 4, top, widest + 2.5 * small + 4, lines.length * step);
  context.globalAlpha = 1;
  context.textAlign = "left"; context.textBaseline = "middle";
  lines.forEach(({label, colour, dash, width, alpha}, i) => {
    const y = top + (i + 0.5) * step, x = box.left + 7;
    context.globalAlpha = alpha;
    context.strokeStyle = colour || style.muted;
    context.lineWidth = width * style.line;
    context.setLineDash((DASHES[dash] ?? []).map((length) => 0.7 * length * style.line));
    context.beginPath();
    context.moveTo(x, y); context.lineTo(x + 1.5 * small, y);
    context.stroke();
    context.globalAlpha = 1;
    context.setLineDash([]);
    context.fillStyle = style.ink;
    context.fillText(label, x + 2 * small, y);
  });
}
