// Numbers to colours. Values are interpolated, not colours, and never across unknown cells.

import {blank} from "symdyn/stills";

export const SPEED = 0, SIGNED = 1, ERROR = 2;

/** Colour maps of 256 colours as whole pixels. */
export class Palette {
  constructor(bytes) {
    this.maps = Array.from({length: bytes.length / 768}, (_, map) => {
      const table = new Uint32Array(256);
      for (let i = 0; i < 256; i++) {
        const [r, g, b] = bytes.subarray(768 * map + 3 * i, 768 * map + 3 * i + 3);
        table[i] = (255 << 24) | (b << 16) | (g << 8) | r;  // little-endian, as all browsers are
      }
      return table;
    });
    this.bars = this.maps.map((table) => {
      const bar = blank(256, 1), context = bar.getContext("2d");
      const pixels = context.createImageData(256, 1);
      new Uint32Array(pixels.data.buffer).set(table);
      context.putImageData(pixels, 0, 0);
      return bar;
    });
  }
}

/** Neighbours of each fine pixel along an axis of n cells, each cut into ``parts``. */
function neighbours(n, parts) {
  const size = n * parts;
  const first = new Int32Array(size), second = new Int32Array(size), weight = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const place = Math.max(0, Math.min(n - 1, (i + 0.5) / parts - 0.5)), low = Math.floor(place);
    first[i] = low; second[i] = Math.min(n - 1, low + 1); weight[i] = place - low;
  }
  return {first, second, weight};
}

const FINE = 320;
/** Fine pixels along a side, about: what a screen shows is interpolated linearly from them. */

/** The image of one field. */
export class Raster {
  constructor() {
    this.image = blank(1, 1);
    this.mask = blank(1, 1);
    this.parts = 0;
    this.axes = new Map();
  }

  /** Paint, if anything has changed; ``smooth`` false draws one pixel for each cell.
   *
   * A cell of ``size`` pixels of the screen needs no more fine ones than that. */
  paint(field, table, low, high, smooth, size) {
    const most = Math.min(4, Math.ceil(size), Math.floor(FINE / Math.max(...field.shape)));
    const parts = smooth ? Math.max(1, most) : 1;
    if (field === this.field && table === this.table && low === this.low && high === this.high
      && parts === this.parts && smooth === this.smooth) return;
    Object.assign(this, {field, table, low, high, parts, smooth});
    const [ny, nx] = field.shape;
    if (this.image.width !== nx * parts || this.image.height !== ny * parts) {
      this.image.width = nx * parts; this.image.height = ny * parts;
      this.pixels = new ImageData(nx * parts, ny * parts);
      this.lines = new Float32Array(ny * nx * parts);
    }
    this.patchy = field.data.some(Number.isNaN);
    const pixels = new Uint32Array(this.pixels.data.buffer);
    if (this.patchy) pixels.fill(0);
    this.fill(pixels);
    this.image.getContext("2d").putImageData(this.pixels, 0, 0);
    if (this.patchy && smooth) this.cut();
  }

  /** First along the rows of cells, then between them. */
  fill(pixels) {
    const {field: {data, shape: [ny, nx]}, table, low, high, parts, lines} = this;
    const scale = 255 / (high - low), width = nx * parts;
    const across = this.axis(nx, parts), up = this.axis(ny, parts);
    for (let row = 0, target = 0; row < ny; row++) {
      const start = row * nx;
      for (let column = 0; column < width; column++, target++) {
        const h = across.weight[column];
        lines[target] = (1 - h) * data[start + across.first[column]]
          + h * data[start + across.second[column]];
      }
    }
    for (let row = 0; row < ny * parts; row++) {
      const below = up.first[row] * width, above = up.second[row] * width, v = up.weight[row];
      let target = (ny * parts - 1 - row) * width;  // row 0 is the lowest
      for (let column = 0; column < width; column++, target++) {
        let value = (1 - v) * lines[below + column] + v * lines[above + column];
        if (value !== value) {
          value = this.patch(across, up, row, column);
          if (value !== value) continue;
        }
        const index = (value - low) * scale + 0.5;
        pixels[target] = table[index < 0 ? 0 : index > 255 ? 255 : index | 0];
      }
    }
  }

  /** The mean of the known ones among four neighbours; NaN where there is none. */
  patch(across, up, row, column) {
    const {data, shape: [, nx]} = this.field;
    let sum = 0, total = 0;
    for (let i = 0; i < 4; i++) {
      const above = i > 1, right = i % 2 === 1, v = up.weight[row], h = across.weight[column];
      const value = data[(above ? up.second : up.first)[row] * nx
        + (right ? across.second : across.first)[column]];
      const weight = (above ? v : 1 - v) * (right ? h : 1 - h);
      if (value === value && weight > 0) { sum += weight * value; total += weight; }
    }
    return total > 0 ? sum / total : NaN;
  }

  axis(n, parts) {
    const key = `${n}/${parts}`;
    if (!this.axes.has(key)) this.axes.set(key, neighbours(n, parts));
    return this.axes.get(key);
  }

  /** Which cells are known, to cut the smooth image along their edges. */
  cut() {
    const {field: {data, shape: [ny, nx]}} = this;
    this.mask.width = nx; this.mask.height = ny;
    const context = this.mask.getContext("2d"), pixels = context.createImageData(nx, ny);
    const alpha = new Uint32Array(pixels.data.buffer);
    for (let row = 0; row < ny; row++) {
      for (let column = 0; column < nx; column++) {
        if (!Number.isNaN(data[row * nx + column])) alpha[(ny - 1 - row) * nx + column] = 0xff000000;
      }
    }
    context.putImageData(pixels, 0, 0);
  }

  /** Onto an empty screen; what is unknown is hatched. */
  draw(context, place, ratio) {
    context.imageSmoothingEnabled = this.smooth;
    // Fine pixels are smooth by themselves; only what is made smaller has to be averaged.
    context.imageSmoothingQuality = place[2] < 0.7 * this.image.width ? "medium" : "low";
    context.drawImage(this.image, ...place);
    if (!this.patchy) return;
    context.save();
    if (this.smooth) {
      context.imageSmoothingEnabled = false;
      context.globalCompositeOperation = "destination-in";
      context.drawImage(this.mask, ...place);
    }
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = hatching(context, ratio);
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.restore();
  }
}

const HATCHINGS = new Map();

function hatching(context, ratio) {
  const size = Math.max(6, Math.round(7 * ratio));
  if (!HATCHINGS.has(size)) {
    const tile = blank(size, size), drawn = tile.getContext("2d");
    drawn.fillStyle = "#c4c4c4";
    drawn.fillRect(0, 0, size, size);
    drawn.strokeStyle = "#8d8d8d";
    drawn.lineWidth = size / 4;
    for (const shift of [-size, 0, size]) {
      drawn.beginPath();
      drawn.moveTo(shift - 1, size + 1); drawn.lineTo(shift + size + 1, -1);
      drawn.stroke();
    }
    HATCHINGS.set(size, tile);
  }
  return context.createPattern(HATCHINGS.get(size), "repeat");
}
