// Six linked pictures of one flow, drawn from raw numbers; see app/pictures.py for the packets.

const KEYS = ["input", "truth", "a", "b", "error_a", "error_b"];
const SPEED = 0, SIGNED = 1, ERROR = 2;
const SPEEDS = [2, 4, 8, 15];

/** Decode a packet: header and the float32 fields that it names. */
function decode(packet) {
  const bytes = packet instanceof ArrayBuffer ? new Uint8Array(packet) : new Uint8Array(
    packet.buffer, packet.byteOffset, packet.byteLength);
  if (bytes.length < 4) return null;
  const copy = bytes.slice();  // aligned to whole words, whatever buffer it came in
  const length = new DataView(copy.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  const numbers = new Float32Array(copy.buffer, 4 + length);
  for (const frame of header.frames) {
    for (const kind of ["fields", "arrows"]) {
      for (const [key, [offset, ...shape]] of Object.entries(frame[kind])) {
        const size = shape.reduce((a, b) => a * b, 1);
        frame[kind][key] = {data: numbers.subarray(offset, offset + size), shape};
      }
    }
  }
  return header;
}

const number = (value) => {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e4)) return value.toExponential(2);
  return value.toPrecision(3);
};

function element(tag, className, parent, attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

/** The picture of one key: caption, canvas, colour bar. */
class Picture {
  constructor(key, parent) {
    this.key = key;
    this.root = element("figure", `picture ${key}`, parent, {"data-key": key});
    this.root.style.gridArea = key;
    const caption = element("figcaption", "", this.root);
    this.title = element("span", "title", caption);
    this.value = element("span", "value", caption);
    const frame = element("div", "frame", this.root);
    this.canvas = element("canvas", "field", frame, {role: "img", tabindex: "0"});
    const bar = element("div", "bar", this.root);
    this.low = element("span", "low", bar);
    this.bar = element("canvas", "", bar, {width: 256, height: 1, "aria-hidden": "true"});
    this.high = element("span", "high", bar);
    this.image = document.createElement("canvas");
    this.painted = "";
  }

  isError() { return this.key.startsWith("error"); }

  /** Map numbers to colours, once for each frame; the picture is then scaled by the browser. */
  paint(scene, frame, tables) {
    const field = frame.fields[this.key] ?? scene.frames.get(1)?.fields[this.key];
    if (!field) return;
    this.field = field;
    const limit = this.isError() ? frame.error_limit : scene.limit;
    const table = scene.signed ? SIGNED : this.isError() ? ERROR : SPEED;
    const low = scene.signed ? -limit : 0;
    const stamp = [scene.generation, frame.lead, limit, table].join();
    if (stamp === this.painted) return;
    this.painted = stamp;
    const [ny, nx] = field.shape;
    this.image.width = nx; this.image.height = ny;
    const context = this.image.getContext("2d");
    const pixels = context.createImageData(nx, ny);
    const base = table * 768, scale = 255 / (limit - low);
    for (let row = 0; row < ny; row++) {
      for (let column = 0; column < nx; column++) {
        const value = field.data[row * nx + column];
        const target = 4 * ((ny - 1 - row) * nx + column);  // row 0 is the lowest
        if (Number.isNaN(value)) continue;
        const colour = base + 3 * Math.max(0, Math.min(255, Math.round((value - low) * scale)));
        pixels.data[target] = tables[colour];
        pixels.data[target + 1] = tables[colour + 1];
        pixels.data[target + 2] = tables[colour + 2];
        pixels.data[target + 3] = 255;
      }
    }
    context.putImageData(pixels, 0, 0);
    this.label(scene, low, limit, table, tables);
  }

  label(scene, low, limit, table, tables) {
    const [title, help] = scene.titles[this.key];
    this.title.textContent = title;
    this.title.title = `${title}. ${help}`;
    const unit = scene.unit ? ` ${scene.unit}` : "";
    this.canvas.setAttribute("aria-label",
      `${title}: ${number(low)} to ${number(limit)}${unit}. ${help}`);
    this.low.textContent = number(low).replace(/^0\.00$/, "0");
    // Long units are words: they are in the tooltip.
    this.high.textContent = number(limit) + (unit.length < 12 ? unit : "");
    this.high.title = this.low.title = this.bar.title =
      `Colours from ${number(low)} to ${number(limit)}${unit}; stronger values take the end colour. `
      + "Hatched cells are land or unknown: they are never scored.";
    const context = this.bar.getContext("2d");
    const pixels = context.createImageData(256, 1);
    for (let i = 0; i < 256; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = tables[table * 768 + 3 * i + c];
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  /** Put the image, arrows and the probe on the screen. */
  show(scene, frame, arrows, probe) {
    const [width, height] = scene.extent, box = this.box;
    if (!box || !this.field) return;
    const cssWidth = width >= height ? box : box * width / height;
    const cssHeight = width >= height ? box * height / width : box;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const w = Math.round(cssWidth * ratio), h = Math.round(cssHeight * ratio);
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w; this.canvas.height = h;
      this.canvas.style.width = `${cssWidth}px`; this.canvas.style.height = `${cssHeight}px`;
    }
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, w, h);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.image, 0, 0, w, h);
    const vectors = frame.arrows[this.key] ?? scene.frames.get(1)?.arrows[this.key];
    if (arrows && vectors) this.drawArrows(context, w, h, vectors, scene.fastest);
    if (probe) this.drawProbe(context, w, h, probe, ratio);
    this.value.textContent = probe ? this.read(probe) : frame.captions[this.key] ?? "";
  }

  drawArrows(context, w, h, {data, shape}, fastest) {
    const [, rows, columns] = shape, size = rows * columns;
    // One scale for all pictures: the strongest flow spans a little more than one spacing.
    const unit = 1.15 * Math.min(w / columns, h / rows) / fastest, longest = 3 * w / columns;
    context.lineWidth = Math.max(1, w / 260);
    for (const [colour, extra] of [["#0009", context.lineWidth * 1.6], ["#fff", 0]]) {
      context.strokeStyle = colour;
      context.beginPath();
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const i = row * columns + column;
          let du = data[i] * unit, dv = -data[size + i] * unit, length = Math.hypot(du, dv);
          if (!(length > 1)) continue;
          if (length > longest) { du *= longest / length; dv *= longest / length; length = longest; }
          const x = (column + 0.5) * w / columns + du / 2, y = h - (row + 0.5) * h / rows + dv / 2;
          const tip = Math.min(length * 0.4, w / 64), nx = du / length, ny = dv / length;
          context.moveTo(x - du, y - dv);
          context.lineTo(x, y);
          context.moveTo(x - tip * (nx - 0.55 * ny), y - tip * (ny + 0.55 * nx));
          context.lineTo(x, y);
          context.lineTo(x - tip * (nx + 0.55 * ny), y - tip * (ny - 0.55 * nx));
        }
      }
      const width = context.lineWidth;
      context.lineWidth = width + extra;
      context.stroke();
      context.lineWidth = width;
    }
  }

  drawProbe(context, w, h, [fx, fy], ratio) {
    const x = fx * w, y = (1 - fy) * h, arm = 9 * ratio;
    for (const [colour, width] of [["#000b", 3 * ratio], ["#fff", 1.2 * ratio]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x - arm, y); context.lineTo(x + arm, y);
      context.moveTo(x, y - arm); context.lineTo(x, y + arm);
      context.stroke();
    }
  }

  /** The number of the cell under the probe. */
  read([fx, fy]) {
    const [ny, nx] = this.field.shape;
    const column = Math.min(nx - 1, Math.floor(fx * nx)), row = Math.min(ny - 1, Math.floor(fy * ny));
    return number(this.field.data[row * nx + column]);
  }
}

/** Buttons and the slider of leads. */
function buildPlayer(parent) {
  const button = (className, text, title) => {
    const made = element("button", className, parent, {type: "button", title, "aria-label": title});
    made.textContent = text;
    return made;
  };
  const player = {
    back: button("back", "◀", "One frame back (key [)"),
    play: button("play", "▶ Play", "Play or pause the forecast (space bar)"),
    ahead: button("ahead", "▶❘", "One frame ahead (key ])"),
    range: element("input", "lead", parent,
      {type: "range", min: 1, max: 10, step: 1, value: 1, "aria-label": "Lead of the forecast"}),
    now: element("span", "now", parent, {"aria-live": "off"}),
    speed: element("select", "speed", parent, {"aria-label": "Frames per second",
      title: "Frames per second"}),
    loop: button("loop", "↻ Loop", "Start again at the end"),
    wait: element("span", "wait", parent, {role: "status"}),
  };
  for (const fps of SPEEDS) {
    const option = element("option", "", player.speed, {value: fps});
    option.textContent = `${fps} frames/s`;
  }
  player.speed.value = "4";
  player.loop.setAttribute("aria-pressed", "true");
  return player;
}

export function render({model, el}) {
  const root = element("div", "symdyn", el);
  const player = buildPlayer(element("div", "player", root));
  const grid = element("div", "grid", root);
  const pictures = KEYS.map((key) => new Picture(key, grid));
  const growth = element("div", "slot growth", grid), spectra = element("div", "slot spectra", grid);
  growth.append(model.get_child("growth"));
  spectra.append(model.get_child("spectra"));
  const tables = new Uint8Array(model.tables.buffer ?? model.tables);
  let scene = null, probe = null, timer = null, drawing = false;

  const available = () => scene ? scene.frames.size : 0;
  const shown = () => Math.max(1, Math.min(model.lead, available()));

  function draw() {
    drawing = false;
    const frame = scene?.frames.get(shown());
    if (!frame) return;
    for (const picture of pictures) {
      picture.paint(scene, frame, tables);
      picture.show(scene, frame, model.arrows, probe);
    }
    const time = number(frame.lead * scene.frame_time);
    const place = probe ? ` · x ${number(probe[0] * scene.extent[0])}, y ${
      number(probe[1] * scene.extent[1])} ${scene.length_unit}` : "";
    player.now.textContent =
      `lead ${frame.lead} of ${scene.steps} (+${time}${scene.lead_unit && " "}${scene.lead_unit})${place}`;
    player.range.max = scene.steps;
    player.range.value = frame.lead;
    player.wait.textContent = available() < scene.steps
      ? `forecasting ${available()} / ${scene.steps} …` : "";
    root.style.colorScheme = document.documentElement.classList.contains("dark") ? "dark" : "light";
    Object.assign(root.dataset,
      {lead: frame.lead, available: available(), generation: scene.generation});
  }
  const redraw = () => {
    if (!drawing) { drawing = true; requestAnimationFrame(draw); }
  };

  function receive(packet) {
    const header = decode(packet);
    if (!header) return;
    if (scene === null || header.generation !== scene.generation) {
      if (header.frames[0].lead !== 1) { model.missing = header.generation; return; }
      scene = {...header, frames: new Map()};
    }
    for (const frame of header.frames) scene.frames.set(frame.lead, frame);
    // Frames are consecutive from 1: a hole means that one was lost.
    if (!scene.frames.has(scene.frames.size)) model.missing = header.generation;
    redraw();
  }

  const goto = (lead) => {
    model.lead = Math.max(1, Math.min(lead, Math.max(1, available())));
    redraw();
  };
  const pause = () => {
    clearInterval(timer);
    timer = null;
    model.playing = false;
    player.play.textContent = "▶ Play";
  };
  const tick = () => {
    const looping = player.loop.getAttribute("aria-pressed") === "true";
    if (shown() < available()) goto(shown() + 1);
    else if (scene && available() < scene.steps) return;  // the next frame is still being computed
    else if (looping) goto(1);
    else pause();
  };
  const play = () => {
    if (timer !== null) { pause(); return; }
    if (shown() >= (scene?.steps ?? 1)) goto(1);
    player.play.textContent = "❚❚ Pause";
    model.playing = true;
    timer = setInterval(tick, 1000 / Number(player.speed.value));
  };

  player.play.onclick = play;
  player.back.onclick = () => { pause(); goto(shown() - 1); };
  player.ahead.onclick = () => { pause(); goto(shown() + 1); };
  player.range.oninput = () => { pause(); goto(Number(player.range.value)); };
  player.speed.onchange = () => { if (timer !== null) { pause(); play(); } };
  player.loop.onclick = () => {
    const on = player.loop.getAttribute("aria-pressed") === "true";
    player.loop.setAttribute("aria-pressed", String(!on));
  };

  for (const {canvas} of pictures) {
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      const box = canvas.getBoundingClientRect();
      const inside = (value) => Math.max(0, Math.min(0.9999, value));
      probe = [inside((event.clientX - box.left) / box.width),
        inside(1 - (event.clientY - box.top) / box.height)];
      redraw();
    };
    canvas.onpointerleave = canvas.onblur = () => { probe = null; redraw(); };
    canvas.onkeydown = (event) => {
      const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
      if (!step || !pictures[0].field) return;
      event.preventDefault();
      const [ny, nx] = pictures[0].field.shape;
      const move = (value, by, n) => Math.max(0, Math.min(0.9999, value + by / n));
      probe = probe ? [move(probe[0], step[0], nx), move(probe[1], step[1], ny)]
        : [0.5 + 0.5 / nx, 0.5 + 0.5 / ny];
      redraw();
    };
  }

  const onKey = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches?.("input, textarea, select, button, [role=button], [role=combobox]")) return;
    if (event.key === " ") { event.preventDefault(); play(); }
    if (event.key === "[") player.back.click();
    if (event.key === "]") player.ahead.click();
  };
  const onVisit = () => { model.visited = window.location.search; };
  document.addEventListener("keydown", onKey);
  window.addEventListener("popstate", onVisit);
  // Sizes are read here only: to ask for them while drawing would lay the page out every time.
  const observer = new ResizeObserver(() => {
    for (const picture of pictures) picture.box = picture.canvas.parentElement.clientWidth;
    redraw();
  });
  observer.observe(grid);
  observer.observe(pictures[0].canvas.parentElement);

  model.prefers_dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  model.on("msg:custom", receive);
  for (const name of ["lead", "arrows"]) model.on(name, redraw);
  model.on("remove", () => {
    pause();
    observer.disconnect();
    document.removeEventListener("keydown", onKey);
    window.removeEventListener("popstate", onVisit);
  });
  model.ready = model.ready + 1;
}
