// The field view in the browser: receives packets of app/pictures.py, and shows them as is chosen.
// Its parts are the modules in app/canvas; here they are connected with the server and the window.

import {Board} from "symdyn/board";
import {listen} from "symdyn/keys";

export function render({model, el}) {
  const board = new Board(model, el);
  connect(model, board);
  const stop = [listen(board), watch(board)];
  board.style.follow(model.theme);
  board.probe.follow();
  model.on("remove", () => {
    board.close();
    for (const end of stop) end();
  });
  early(model, board);
  model.ready = model.ready + 1;
}

/** What was told before the server knew that somebody is here: with the page, or just after it. */
function early(model, board) {
  if (model.packet.byteLength) board.receive(model);
}

/** Follow the server. */
function connect(model, board) {
  const answers = {
    lead: () => board.player.follow(),
    vectors: board.redraw,
    view: board.redraw,
    pinned: () => board.probe.follow(),
    theme: () => { board.style.follow(model.theme); board.measure(); },
    packet: () => early(model, board),
    "msg:custom": (message) => {
      if (message.save) board.save(message.save); else board.receive(message);
    },
  };
  for (const [name, answer] of Object.entries(answers)) model.on(name, answer);
}

/** Follow the size of the window, its theme, and whether the board can be seen. */
function watch(board) {
  const measure = () => board.measure();
  const size = new ResizeObserver(measure);
  size.observe(board.root);
  const sight = new IntersectionObserver((entries) => {
    board.visible = entries[entries.length - 1].isIntersecting;
    if (!board.visible) board.player.pause();
    board.redraw();
  });
  sight.observe(board.root);
  const theme = new MutationObserver(() => {
    board.style.follow(board.model.theme);
    board.redraw();
  });
  theme.observe(document.documentElement, {attributes: true, attributeFilter: ["class"]});
  window.addEventListener("resize", measure);
  board.motion.addEventListener("change", board.redraw);
  return () => {
    for (const observer of [size, sight, theme]) observer.disconnect();
    window.removeEventListener("resize", measure);
    board.motion.removeEventListener("change", board.redraw);
  };
}
