// The probe under the pointer, and the point that is pinned: marked in all pictures alike.

import {clamp, number, quantity} from "symdyn/dom";

export class Probe {
  constructor(board) {
    Object.assign(this, {board, point: null, pinned: null, picture: null});
  }

  /** Read a point, from ``picture``; null takes the probe away. */
  look(point, picture) {
    if (this.picture && this.picture !== picture) this.picture.place.hidden = true;
    Object.assign(this, {point, picture});
    picture.place.hidden = !point;
    if (point) this.label(point, picture);
    this.board.redraw();
  }

  /** Where it is, beside it. */
  label(point, picture) {
    const {viewport, scene} = this.board, [width, height] = picture.about(scene).extent;
    const [x, y] = viewport.screen(point, 100, 100);
    picture.place.textContent =
      `${number(point[0] * width)}, ${number(point[1] * height)} ${scene.length_unit}`;
    picture.place.style.cssText = (x > 60 ? `right:calc(${100 - x}% + 10px);` : `left:calc(${x}% + 10px);`)
      + (y > 20 ? `bottom:calc(${100 - y}% + 8px)` : `top:calc(${y}% + 8px)`);
  }

  /** Keep a point: its values are shown against time. */
  pin(point) {
    this.pinned = point && point.map((share) => clamp(share, 0, 0.99999));
    this.board.model.pinned = this.pinned ?? [];
    this.board.redraw();
  }

  /** The server wants another point pinned, as from an address. */
  follow() {
    const {pinned} = this.board.model;
    this.pinned = pinned?.length === 2 ? [...pinned] : null;
    this.board.redraw();
  }

  /** The values under the probe, for those who do not see them. */
  tell() {
    const {board: {scene, player, pictures, spoken}, point} = this;
    spoken.textContent = pictures.filter(({pane}) => !pane.hidden).map((picture) =>
      `${picture.about(scene).title} ${quantity(scene.value(picture.key, player.shown, point), scene.unit)}`,
    ).join("; ");
  }
}

/** Where a point is; with a ring where it is pinned. */
export function drawCross(context, [x, y], width, pinned) {
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
