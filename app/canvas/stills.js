// Pictures as they were drawn, kept for when the player comes by again. To copy one costs a
// hundredth of what it costs to draw it anew.

const ROOM = 80 * 2 ** 20;
/** Bytes that the stills of all pictures together may take. */

/** The stills of one picture, by field; all of one look. */
export class Stills {
  constructor() {
    this.kept = new Map();
    this.spare = [];
    this.look = "";
  }

  /** Forget stills of another look or size; ``shares`` pictures share the room. */
  prepare(look, w, h, shares) {
    this.most = Math.floor(ROOM / shares / (4 * w * h));
    const now = `${w}x${h}/${look}`;
    if (now === this.look) return;
    this.look = now;
    const old = [...this.kept.values(), ...this.spare];
    this.spare = old.filter((still) => still.width === w && still.height === h);
    this.kept.clear();
    this.loose = null;
    Object.assign(this, {w, h});
  }

  /**
   * The still of a field; ``draw`` puts it on an empty context when it is not there.
   *
   * When the room is taken the first ones stay: a player that goes round and round would meet
   * none of the latest.
   */
  of(field, draw) {
    if (this.kept.has(field)) return this.kept.get(field);
    if (this.loose?.field === field) return this.loose.still;
    const keep = this.kept.size < this.most;
    const still = (!keep && this.loose?.still) || this.spare.pop() || blank(this.w, this.h);
    const context = still.getContext("2d");
    context.clearRect(0, 0, this.w, this.h);
    draw(context);
    if (keep) this.kept.set(field, still); else this.loose = {field, still};
    return still;
  }
}

/** An empty canvas that is on no page. */
export function blank(w, h) {
  const canvas = document.createElement("canvas");
  canvas.width = w; canvas.height = h;
  return canvas;
}
