// Pointers on a picture: hover reads, a click pins, wheel and pinch zoom, drag moves what is zoomed.

const SLACK = 4;
/** Pixels that a click may slip. */

export function attach(picture, board) {
  const {pane, canvas} = picture, {viewport} = board;
  const touches = new Map();
  let start = null, dragged = false, before = null;

  const share = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, box];
  };
  const point = (event) => viewport.inside(...share(event).slice(0, 2));
  const spread = () => {
    const [a, b] = [...touches.values()];
    return {size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2};
  };

  canvas.onpointerdown = (event) => {
    touches.set(event.pointerId, {x: event.clientX, y: event.clientY});
    start = {x: event.clientX, y: event.clientY, left: viewport.left, bottom: viewport.bottom};
    dragged = touches.size > 1;
    canvas.setPointerCapture?.(event.pointerId);
    if (event.pointerType !== "mouse") board.probe.look(point(event), picture);
  };
  canvas.onpointermove = (event) => {
    if (touches.size === 2 && touches.has(event.pointerId)) { pinch(event); return; }
    if (start && touches.has(event.pointerId)) {
      const dx = event.clientX - start.x, dy = event.clientY - start.y;
      dragged ||= Math.hypot(dx, dy) > SLACK;
      if (dragged && viewport.zoom > 1) {
        const {width, height} = share(event)[2];
        viewport.set(viewport.zoom, start.left - dx / width / viewport.zoom,
          start.bottom + dy / height / viewport.zoom);
      }
    }
    board.probe.look(point(event), picture);
  };
  const pinch = (event) => {
    const old = spread();
    touches.set(event.pointerId, {x: event.clientX, y: event.clientY});
    const now = spread(), {left, top, width, height} = canvas.getBoundingClientRect();
    viewport.pan((old.x - now.x) / width, (now.y - old.y) / height);
    viewport.zoomAt(now.size / old.size,
      viewport.inside((now.x - left) / width, (now.y - top) / height));
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    touches.delete(event.pointerId);
    if (!touches.size) start = null;
  };
  canvas.onclick = (event) => {
    if (dragged) { dragged = false; return; }
    if (event.detail <= 1) before = board.probe.pinned;
    board.probe.pin(point(event));
  };
  canvas.ondblclick = () => { board.probe.pin(before); viewport.reset(); };
  canvas.onpointerleave = () => { if (!start) board.probe.look(null, picture); };
  canvas.onblur = () => board.probe.look(null, picture);
  pane.addEventListener("wheel", (event) => {
    // Where there is nothing to zoom out of, the page scrolls.
    if (event.deltaY > 0 && viewport.zoom === 1 && !event.ctrlKey) return;
    event.preventDefault();
    const speed = event.deltaMode === 1 ? 0.05 : event.ctrlKey ? 0.01 : 0.0018;
    viewport.zoomAt(Math.exp(-event.deltaY * speed), point(event));
    board.probe.look(point(event), picture);
  }, {passive: false});
}
