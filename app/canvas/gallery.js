// The pictures of a field view: made when first wanted, and kept.

import {attach} from "symdyn/gestures";
import {probing} from "symdyn/keys";
import {Picture} from "symdyn/picture";

export class Gallery {
  constructor(board) {
    this.board = board;
    this.known = new Map();
    // Pictures that are scrolled out of sight are not drawn.
    this.sight = new IntersectionObserver((entries) => {
      for (const {target, isIntersecting} of entries) {
        this.known.get(target.dataset.key).seen = isIntersecting;
      }
      board.redraw();
    }, {rootMargin: "100px"});
  }

  /** A picture of one field or two. */
  picture(id, keys) {
    if (!this.known.has(id)) {
      const picture = new Picture(id, keys);
      this.known.set(id, picture);
      attach(picture, this.board);
      probing(picture, this.board);
      this.sight.observe(picture.root);
    }
    return this.known.get(id);
  }

  close() { this.sight.disconnect(); }
}
