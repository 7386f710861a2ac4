// The view as it stands, as a PNG of twice the size of the screen.

const SCALE = 2;

/** Everything that is drawn inside ``stage``, on one canvas. */
export function compose(board) {
  const {stage, style, scene, player} = board;
  const box = stage.getBoundingClientRect(), head = 2.2 * style.size, edge = 12;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(SCALE * (box.width + 2 * edge));
  canvas.height = Math.round(SCALE * (box.height + head + 2 * edge));
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.fillStyle = style.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.ink;
  context.font = `500 ${style.size}px ${style.family}`;
  context.textBaseline = "top";
  context.fillText([scene.about, scene.field_title, player.now.textContent].filter(Boolean).join(" · "),
    edge, edge, box.width);
  context.translate(edge - box.left, edge + head - box.top);
  for (const picture of board.pictures) draw(context, picture, board);
  for (const slot of [...board.slots, ...stage.querySelectorAll(".way")]) copy(context, slot);
  words(context, stage, style);
  return canvas;
}

/** All words, where they stand, those of the figures among them. */
function words(context, root, style) {
  for (const node of inside(root)) {
    if (!shown(node)) continue;
    const {left, top, width, height} = node.getBoundingClientRect(), values = getComputedStyle(node);
    if (node.matches("i")) {
      context.fillStyle = values.borderTopColor;
      context.fillRect(left, top, width, 2);
    }
    if (node.matches(".badge")) {
      context.fillStyle = values.backgroundColor;
      context.fillRect(left, top, width, height);
    }
    for (const text of node.childNodes) {
      if (text.nodeType !== 3 || !text.data.trim() || node.matches("style, script")) continue;
      write(context, text, values, style);
    }
  }
}

/** Words that do not fit are narrowed here, cut off there. */
function write(context, text, values, style) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const {left, top, width, height} = range.getBoundingClientRect();
  const within = text.parentElement.getBoundingClientRect();
  context.fillStyle = values.color;
  context.font = `${values.fontWeight} ${values.fontSize} ${style.family}`;
  context.textBaseline = "middle";
  context.fillText(text.data.trim(), left, top + height / 2,
    Math.max(1, Math.min(width, within.right - left)));
}

const shown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden"
  && !node.matches("button, button *, .place, .divider *");

/** A picture anew, at the resolution of the file; particles become streamlines. */
function draw(context, picture, board) {
  if (picture.pane.hidden || !shown(picture.root)) return;
  const {left, top, width, height} = picture.canvas.getBoundingClientRect();
  const fresh = document.createElement("canvas");
  fresh.width = Math.round(SCALE * width); fresh.height = Math.round(SCALE * height);
  picture.render(fresh.getContext("2d"), {...board.view(), moving: false}, SCALE);
  context.drawImage(fresh, left, top, width, height);
  const {axes: {canvases: {x, y}}, caption: {colours}} = picture;
  for (const canvas of [x, y, colours]) place(context, canvas);
}

/** Figures as the browser drew them. */
function copy(context, node) {
  if (!shown(node)) return;
  for (const canvas of canvases(node)) place(context, canvas);
  if (!node.matches(".way")) return;
  const line = node.querySelector(".line").getBoundingClientRect();
  context.strokeStyle = context.fillStyle = getComputedStyle(node).color;
  arrow(context, line);
}

function arrow(context, {left, top, width, height}) {
  const along = width > height, x = left + width / 2, y = top + height / 2;
  const [ax, ay, bx, by] = along ? [left, y, left + width, y] : [x, top, x, top + height];
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(ax, ay); context.lineTo(bx, by);
  context.moveTo(bx - (along ? 7 : 5), by - (along ? 5 : 7)); context.lineTo(bx, by);
  context.lineTo(bx + (along ? -7 : 5), by + (along ? 5 : -7));
  context.stroke();
}

/** All elements below a node, through the shadow roots of figures. */
function* inside(node) {
  for (const child of node.querySelectorAll("*")) {
    yield child;
    if (child.shadowRoot) yield* inside(child.shadowRoot);
  }
}

const canvases = (node) => [...inside(node)].filter((child) => child.matches("canvas"));

function place(context, canvas) {
  const {left, top, width, height} = canvas.getBoundingClientRect();
  if (canvas.hidden || !width || !canvas.width) return;
  context.drawImage(canvas, left, top, width, height);
}

/** Hand the view to the visitor as a file. */
export function save(board, name) {
  compose(board).toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
