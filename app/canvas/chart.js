// A small figure of lines, drawn with the pictures: axes, a legend, and values under the pointer.

import {element, number, round} from "symdyn/dom";
import {draw} from "symdyn/plot";

export class Chart {
  constructor(name) {
    this.root = element("figure", `slot chart ${name}`, null);
    this.title = element("figcaption", "title", this.root);
    this.plot = element("div", "plot", this.root);
    this.canvas = element("canvas", "", this.plot, {role: "img"});
    this.tip = element("div", "place", this.plot, {hidden: ""});
    this.spec = null;
    this.stamp = "";
    this.version = 0;
    this.canvas.onpointermove = this.canvas.onpointerdown = (event) => this.point(event);
    this.canvas.onpointerleave = () => { this.tip.hidden = true; };
  }

  /** Show what the server tells, see app/panels/charts.py. */
  follow(spec) {
    this.spec = spec;
    this.version += 1;
    if (this.title.textContent !== spec.title) this.title.textContent = spec.title;
    if (this.title.title !== spec.help) this.title.title = spec.help;
  }

  /** Forget sizes, as after the window has changed. */
  resize() {
    this.box = [this.plot.clientWidth, this.plot.clientHeight];
    this.stamp = "";
  }

  paint({lead, style}) {
    if (!this.spec) return;
    if (!this.box?.[0]) this.resize();
    const stamp = [this.version, lead, style.version, this.box.join()].join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const [w, h] = this.box, ratio = Math.min(3, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, {width, height});
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    this.area = draw(context, w, h, this.spec, lead, style);
    this.canvas.setAttribute("aria-label", told(this.spec, lead));
    this.root.dataset.version = this.version;
  }

  /** Values of all lines where the pointer is. */
  point({offsetX, offsetY}) {
    const {spec, area, tip} = this;
    if (!area || !spec.at.length) return;
    const near = spec.at.map((value) => Math.abs(area.x(value) - offsetX));
    const i = near.indexOf(Math.min(...near));
    const rows = values(spec, i);
    tip.hidden = !rows.length;
    tip.replaceChildren(...[`${spec.x.name} ${round(spec.at[i])}`, ...rows].map((row) =>
      element("div", "", null, {}, row)));
    const left = offsetX > this.box[0] / 2;
    tip.style.left = left ? "auto" : `${offsetX + 14}px`;
    tip.style.right = left ? `${this.box[0] - offsetX + 14}px` : "auto";
    tip.style.top = `${Math.min(offsetY, Math.max(0, this.box[1] - 16 * (rows.length + 1)))}px`;
  }
}

/** The lines that have a value at a place, in words. */
const values = ({lines}, i) => lines.filter(({label, values: [...all]}) => label && all[i] != null)
  .map(({label, values: all}) => `${label} ${number(all[i])}`);

/** The figure in words, for those who cannot see it. */
function told(spec, lead) {
  const i = spec.grows ? Math.min(lead, spec.at.length) - 1 : 0;
  if (i < 0 || !spec.at.length) return `${spec.title}. ${spec.note}`;
  return `${spec.title}. At ${spec.x.name} ${round(spec.at[i])}: ${values(spec, i).join(", ")}. ${spec.note}`;
}
