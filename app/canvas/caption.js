// Words around a picture: title and number above it, colours and limits below it.

import {element, quantity, round} from "symdyn/dom";

const NAMED = /^([A-Za-z]+ )?(.*)$/s;
/** A number, and what it is: this goes first where there is no room for both. */

export class Caption {
  constructor(root) {
    const head = element("figcaption", "", root);
    this.title = element("span", "title", head);
    const value = element("span", "value", head);
    this.what = element("span", "what", value);
    this.value = element("span", "", value);
    this.heading = null;
    this.stamp = "";
  }

  /** The colour bar, below what was put on the page meanwhile. */
  buildBar(root) {
    this.bar = element("div", "bar", root);
    this.low = element("span", "low", this.bar);
    this.colours = element("canvas", "", this.bar, {width: 256, height: 1, "aria-hidden": "true"});
    this.high = element("span", "high", this.bar);
    this.unit = element("span", "unit", this.bar);
  }

  /** Title, limits and what ``canvas`` is to those who do not see it; where they have changed. */
  label(picture, {scene, frame, palette}) {
    const {map, low, high} = picture.scale(scene, frame), both = picture.split !== null;
    const stamp = [scene.generation, picture.keys.join(), picture.front, both, map, high].join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const unit = scene.unit ? ` ${scene.unit}` : "", {help} = picture.about(scene);
    const names = picture.keys.map((key) => picture.about(scene, key).title);
    const title = both ? `${names[0]}  |  ${names[1]}` : names[picture.front];
    write(this.title, title);
    describe(this.title, "title", `${title}. ${help}`);
    describe(picture.canvas, "aria-label",
      `${title}: ${scene.field_title}, ${round(low)} to ${round(high)}${unit}. ${help}`);
    write(this.low, round(low));
    write(this.high, round(high));
    write(this.unit, scene.unit);
    describe(this.bar, "title", `${scene.field_title}: colours from ${round(low)} to ${round(high)}${unit}; `
      + "stronger values take the end colour. Hatched cells are land or unknown: they are never scored.");
    if (map === this.map) return;
    this.map = map;
    this.colours.getContext("2d").drawImage(palette.bars[map], 0, 0);
  }

  /** On the right: the value under the probe, else the number of this lead. */
  read(picture, {scene, lead, frame, probe}) {
    const caption = frame.captions[picture.key] ?? "";
    if (this.heading) write(this.heading, caption && `ways differ by ${caption}`);
    const values = () => (picture.split === null ? [picture.key] : picture.keys).map((key) =>
      quantity(scene.value(key, lead, probe), scene.short_unit));
    const text = probe ? values().join("  |  ") : this.heading ? "" : caption;
    const [, what = "", value] = NAMED.exec(text);
    write(this.what, what);
    write(this.value, value);
  }
}

/** Only what has changed: to write is to lay the page out anew. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function describe(node, name, text) {
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}
