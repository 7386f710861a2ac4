// The part of the domain that all pictures show, in shares of its width and height; y upward.

import {clamp} from "symdyn/dom";

export class Viewport {
  constructor(changed) {
    this.changed = changed;
    this.version = 0;
    this.closest = 16;
    this.set(1, 0, 0);
  }

  set(zoom, left, bottom) {
    this.zoom = clamp(zoom, 1, this.closest);
    this.left = clamp(left, 0, 1 - 1 / this.zoom);
    this.bottom = clamp(bottom, 0, 1 - 1 / this.zoom);
    this.version += 1;
    this.changed();
  }

  reset() { this.set(1, 0, 0); }

  /** Zoom so that the point at (x, y) stays where it is on the screen. */
  zoomAt(factor, [x, y] = this.centre) {
    const zoom = clamp(this.zoom * factor, 1, this.closest), shrink = this.zoom / zoom;
    this.set(zoom, x - (x - this.left) * shrink, y - (y - this.bottom) * shrink);
  }

  /** Move by shares of the screen. */
  pan(right, up) { this.set(this.zoom, this.left + right / this.zoom, this.bottom + up / this.zoom); }

  /** Bring a point back into sight. */
  reveal([x, y]) {
    const size = 1 / this.zoom;
    const left = clamp(this.left, x - size, x), bottom = clamp(this.bottom, y - size, y);
    if (left !== this.left || bottom !== this.bottom) this.set(this.zoom, left, bottom);
  }

  get centre() { return [this.left + 0.5 / this.zoom, this.bottom + 0.5 / this.zoom]; }

  /** From shares of the screen, y downward, to shares of the domain. */
  inside(x, y) {
    const within = (value) => clamp(value, 0, 0.99999);
    return [within(this.left + x / this.zoom), within(this.bottom + (1 - y) / this.zoom)];
  }

  /** From shares of the domain to pixels of a screen of w by h. */
  screen([x, y], w, h) {
    return [(x - this.left) * this.zoom * w, h - (y - this.bottom) * this.zoom * h];
  }

  /** Place of the whole domain on a screen of w by h: left, top, width, height. */
  domain(w, h) {
    const [left, top] = this.screen([0, 1], w, h);
    return [left, top, w * this.zoom, h * this.zoom];
  }
}
