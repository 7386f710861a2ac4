// Buttons for what concerns all pictures: zoom, a file, the list of keys.

import {button, element} from "symdyn/dom";

export class Tools {
  constructor(bar, board) {
    this.root = element("div", "tools", bar);
    const {viewport} = board;
    this.add("farther", "Zoom out (key −)", "farther", () => viewport.zoomAt(1 / 1.5));
    this.zoom = element("span", "zoom", this.root, {title: "Zoom of all pictures"}, "1×");
    this.add("closer", "Zoom in (key +)", "closer", () => viewport.zoomAt(1.5));
    this.add("whole", "Show all (key 0)", "whole", () => viewport.reset());
    this.add("save", "Save this view as a PNG picture", "save", () => board.save());
    this.add("keys", "Keys (key ?)", "help", () => board.help.toggle());
  }

  add(className, title, image, action) {
    button(this.root, className, title, {image}).onclick = action;
  }

  /** Say how close the pictures are looked at. */
  label(zoom) {
    const text = `${zoom.toPrecision(2)}×`;
    if (this.zoom.textContent !== text) this.zoom.textContent = text;
  }
}
