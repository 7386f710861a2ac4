// The keyboard: what the keys do, and the list of them.

import {button, element} from "symdyn/dom";

export const HELP = [
  ["Space", "play or pause the forecast"],
  ["[  ]", "one frame back, ahead"],
  ["+  −  0", "zoom in, out, show all; double click shows all, too"],
  ["← ↑ ↓ →", "on a picture: move the probe, cell by cell (with Shift: move what is zoomed)"],
  ["Enter", "on a picture: pin the probe, as a click does; its values appear against time"],
  ["Escape", "release the pinned point, or close this list"],
  ["← →", "on the divider: move it; Home and End: to the edges"],
  ["Tab", "to the next control or picture"],
  ["?", "this list"],
];
const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const TYPING = "input, textarea, select, [role=combobox], [role=slider], [contenteditable=true]";
const PRESSED = "button, [role=button], a[href], [role=tab], [role=menuitem], [role=option], summary";

/** Keys that work wherever the page has the focus; returns a function that stops them. */
export function listen(board) {
  const {player, viewport, help} = board;
  const actions = {
    " ": () => player.toggle(),
    "[": () => player.step(-1),
    "]": () => player.step(1),
    "+": () => viewport.zoomAt(1.5, board.probe.point ?? undefined),
    "=": () => viewport.zoomAt(1.5, board.probe.point ?? undefined),
    "-": () => viewport.zoomAt(1 / 1.5, board.probe.point ?? undefined),
    "0": () => viewport.reset(),
    "?": () => help.toggle(),
    "Escape": () => (help.open ? help.toggle() : board.probe.pin(null)),
  };
  const onKey = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !board.visible) return;
    if (target.matches?.(TYPING)) return;
    if (event.key === " " && target.matches?.(PRESSED)) return;
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** Keys of one picture: the probe. */
export function probing(picture, board) {
  picture.canvas.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") { event.preventDefault(); board.probe.pin(board.probe.point); return; }
    const move = MOVES[event.key], field = board.scene?.field(picture.key, board.player.shown);
    if (!move || !field) return;
    event.preventDefault();
    if (event.shiftKey) { board.viewport.pan(0.1 * move[0], 0.1 * move[1]); return; }
    const [ny, nx] = field.shape, [x, y] = board.probe.point ?? board.viewport.centre;
    const centre = (place, by, n) =>
      (Math.max(0, Math.min(n - 1, Math.floor(place * n) + by)) + 0.5) / n;
    const moved = board.probe.point ? move : [0, 0];
    board.probe.look([centre(x, moved[0], nx), centre(y, moved[1], ny)], picture);
    board.viewport.reveal(board.probe.point);
    board.probe.tell();
  };
}

/** The list of keys, over the pictures. */
export class Help {
  constructor(parent) {
    this.root = element("div", "help", parent,
      {role: "dialog", "aria-label": "Keys", tabindex: "-1", hidden: ""});
    const head = element("div", "head", this.root);
    element("span", "title", head, {}, "Keys");
    button(head, "close", "Close (Escape)", {image: "close"}).onclick = () => this.toggle();
    const list = element("dl", "", this.root);
    for (const [key, meaning] of HELP) {
      element("kbd", "", element("dt", "", list), {}, key);
      element("dd", "", list, {}, meaning);
    }
  }

  get open() { return !this.root.hidden; }

  toggle() {
    this.root.hidden = this.open;
    if (this.open) { this.before = this.root.getRootNode().activeElement; this.root.focus(); }
    else this.before?.focus();
  }
}
