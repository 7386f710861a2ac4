// Numbers to colours. Values are interpolated, not colours, and never across unknown cells.

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
      const bar = document.createElement("canvas");
      bar.width = 256; bar.height = 1;
      const context = bar.getContext("2d"), pixels = context.createImageData(256, 1);
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
    this.image = document.createElement("canvas");
    this.mask = document.createElement("canvas");
    this.version = 0;
    this.parts = 0;
    this.axes = new Map();
  }

  /** Paint, if anything has changed; ``smooth`` false draws one pixel for each cell. */
  paint(field, table, low, high, smooth) {
    const parts = smooth ? Math.max(1, Math.min(4, Math.floor(FINE / Math.max(...field.shape)))) : 1;
    if (field === this.field && table === this.table && low === this.low && high === this.high
      && parts === this.parts && smooth === this.smooth) return;
    Object.assign(this, {field, table, low, high, parts, smooth});
    this.version += 1;
    const [ny, nx] = field.shape;
    this.image.width = nx * parts; this.image.height = ny * parts;
    const context = this.image.getContext("2d");
    const pixels = context.createImageData(nx * parts, ny * parts);
    this.fill(new Uint32Array(pixels.data.buffer));
    context.putImageData(pixels, 0, 0);
    this.patchy = field.data.some(Number.isNaN);
    if (this.patchy && smooth) this.cut();
  }

  fill(pixels) {
    const {field: {data, shape: [ny, nx]}, table, low, high, parts} = this;
    const scale = 255 / (high - low), width = nx * parts;
    const across = this.axis(nx, parts), up = this.axis(ny, parts);
    for (let row = 0; row < ny * parts; row++) {
      const below = up.first[row] * nx, above = up.second[row] * nx, v = up.weight[row];
      let target = (ny * parts - 1 - row) * width;  // row 0 is the lowest
      for (let column = 0; column < width; column++, target++) {
        const h = across.weight[column], left = across.first[column], right = across.second[column];
        const a = data[below + left], b = data[below + right];
        const c = data[above + left], d = data[above + right];
        let value = (1 - v) * ((1 - h) * a + h * b) + v * ((1 - h) * c + h * d);
        if (value !== value) {
          value = known([a, b, c, d], [(1 - v) * (1 - h), (1 - v) * h, v * (1 - h), v * h]);
          if (value !== value) continue;
        }
        const index = (value - low) * scale + 0.5;
        pixels[target] = table[index < 0 ? 0 : index > 255 ? 255 : index | 0];
      }
    }
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
    context.imageSmoothingQuality = "high";
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

/** The mean of the known ones among four neighbours; NaN where there is none. */
function known(values, weights) {
  let sum = 0, total = 0;
  for (let i = 0; i < 4; i++) {
    if (values[i] === values[i] && weights[i] > 0) {
      sum += weights[i] * values[i];
      total += weights[i];
    }
  }
  return total > 0 ? sum / total : NaN;
}

const HATCHINGS = new Map();

function hatching(context, ratio) {
  const size = Math.max(6, Math.round(7 * ratio));
  if (!HATCHINGS.has(size)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const drawn = tile.getContext("2d");
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
