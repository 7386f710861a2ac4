// Values at the pinned point against time: the past, the truth and the forecasts.

import {ticks} from "symdyn/axes";
import {button, element, number, quantity, round} from "symdyn/dom";

export class Series {
  constructor(unpin) {
    this.root = element("section", "slot series", null, {"aria-label": "Values at the pinned point"});
    const head = element("div", "head", this.root);
    this.title = element("span", "title", head);
    this.close = button(head, "close", "Release the pinned point (Escape)", {image: "close"});
    this.close.onclick = unpin;
    this.legend = element("div", "legend", this.root);
    this.plot = element("div", "plot", this.root);
    this.canvas = element("canvas", "", this.plot, {role: "img"});
    this.stamp = "";
  }

  /** Forget sizes, as after the window has changed. */
  resize() {
    this.box = [this.plot.clientWidth, this.plot.clientHeight];
    this.stamp = "";
  }

  paint(view) {
    this.root.hidden = !view.pinned;
    if (!view.pinned) return;
    if (!this.box?.[0]) this.resize();
    const {scene, lead, pinned, style} = view;
    const stamp = [scene.generation, scene.available, lead, pinned.join(), style.version, this.box.join()].join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const [width, height] = scene.extent;
    const place = [pinned[0] * width, pinned[1] * height].map(number).join(", ");
    this.title.textContent = `${scene.field_title} at (${place})${scene.length_unit && " "}${scene.length_unit}`;
    this.title.title = `${this.title.textContent}${scene.unit && ` in ${scene.unit}`}: recorded frames `
      + "(dotted), truth and forecasts; each frame's value is that of one cell.";
    const lines = scene.series.map((series) => ({...series, points: scene.line(series.key, pinned)}));
    this.explain(lines, view);
    const [w, h] = this.box, ratio = Math.min(3, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(w * ratio); this.canvas.height = Math.round(h * ratio);
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw(context, w, h, lines, view);
  }

  /** The values of the moment, in words for those who cannot see the lines. */
  explain(lines, {scene, lead, style}) {
    this.legend.replaceChildren(...lines.map(({label, colour, dashed, points}) => {
      const item = element("span", dashed ? "item dashed" : "item", null);
      element("i", "", item).style.borderColor = colour || style.ink;
      item.append(`${label} `);
      element("b", "", item, {}, number(points[lead - 1]?.[1]));
      return item;
    }));
    const told = lines.map(({label, points}) => `${label} ${quantity(points[lead - 1]?.[1], scene.unit)}`);
    this.canvas.setAttribute("aria-label", `${this.title.textContent}, lead ${lead}: ${told.join("; ")}`);
  }

  /** Curves, axes and the line of the lead that is shown, at (0, 0) in w by h. */
  draw(context, w, h, lines, {scene, lead, pinned, style}) {
    const past = scene.past(pinned);
    const left = style.gutter + 8, bottom = 2.5 * style.small + 6, top = 1.3 * style.small + 4;
    const times = [past[0]?.[0] ?? 0, scene.time(scene.steps)];
    const values = [...past, ...lines.flatMap(({points}) => points)].map(([, y]) => y).filter(Number.isFinite);
    let low = Math.min(...values), high = Math.max(...values);
    if (!values.length) { low = 0; high = 1; }
    const spare = 0.06 * (high - low) || 0.5 * Math.abs(high) || 1;
    low -= spare; high += spare;
    const x = (t) => left + (t - times[0]) / (times[1] - times[0]) * (w - left - 8);
    const y = (v) => top + (high - v) / (high - low) * (h - bottom - top);
    const curve = (points, colour, width, dash = []) => {
      context.beginPath();
      let pen = false;
      for (const [t, v] of points) {
        if (!Number.isFinite(v)) { pen = false; continue; }
        if (pen) context.lineTo(x(t), y(v)); else context.moveTo(x(t), y(v));
        pen = true;
      }
      context.setLineDash(dash.map((length) => length * style.line));
      context.strokeStyle = colour;
      context.lineWidth = width * style.line;
      context.lineJoin = "round";
      context.stroke();
      context.setLineDash([]);
    };
    frame(context, {w, h, x, y, low, high, times, bottom, left, style}, scene);
    curve([[0, low], [0, high]], style.faint, 1, [3, 3]);
    curve([[scene.time(lead), low], [scene.time(lead), high]], style.muted, 1);
    curve(past, style.muted, 1.6, [2, 3]);
    dots(context, past, x, y, style.muted, 2 * style.line);
    for (const {points, colour, dashed} of lines) {
      const start = dashed || !past.length ? [] : [past[past.length - 1]];
      curve([...start, ...points], colour || style.ink, 2, dashed ? [5, 4] : []);
      dots(context, points.slice(lead - 1, lead), x, y, colour || style.ink, 3.5 * style.line);
    }
  }
}

/** Ticks, grid lines and units. */
function frame(context, {w, h, x, y, low, high, times, bottom, left, style}, {unit, lead_unit}) {
  const {small} = style;
  context.font = `${small}px ${style.family}`;
  context.fillStyle = style.muted;
  context.strokeStyle = style.faint;
  context.lineWidth = style.line;
  context.beginPath();
  context.textAlign = "right"; context.textBaseline = "middle";
  for (const value of ticks(low, high, Math.max(2, (h - bottom) / (3 * small)))) {
    context.moveTo(left, y(value)); context.lineTo(w - 8, y(value));
    context.fillText(round(value), left - 5, y(value));
  }
  context.textAlign = "center"; context.textBaseline = "top";
  for (const value of ticks(...times, Math.max(2, (w - left) / (4 * small)))) {
    context.moveTo(x(value), h - bottom); context.lineTo(x(value), h - bottom + 4);
    context.fillText(round(value), x(value), h - bottom + 5);
  }
  context.fillText(`time after now${lead_unit && ` [${lead_unit}]`}`, (left + w - 8) / 2, h - 1.2 * small);
  context.textAlign = "left";
  if (unit) context.fillText(`[${unit}]`, 2, 1);
  context.stroke();
}

function dots(context, points, x, y, colour, radius) {
  context.fillStyle = colour;
  context.beginPath();
  for (const [t, v] of points) {
    if (!Number.isFinite(v)) continue;
    context.moveTo(x(t) + radius, y(v));
    context.arc(x(t), y(v), radius, 0, 7);
  }
  context.fill();
}
