// Velocities on top of a picture: arrows, or streamlines where nothing may move.

const ARROWS = 16, APART = 12.5;
/** Arrows along a side of the screen, at most; and CSS pixels from one to the next, about, at least. */

/** The velocities of one picture, where they are known, in shares of the domain. */
export class Velocities {
  constructor({data, shape}, field, extent, [start, every]) {
    [, this.rows, this.columns] = shape;
    this.u = data.subarray(0, this.rows * this.columns);
    this.v = data.subarray(this.rows * this.columns);
    const [ny, nx] = field.shape;
    this.extent = extent;
    this.x0 = (start + 0.5) / nx; this.dx = every / nx;
    this.y0 = (start + 0.5) / ny; this.dy = every / ny;
  }

  /** The velocity at a point, between the four around it; null where one is unknown. */
  at(x, y) {
    const gx = Math.max(0, Math.min(this.columns - 1, (x - this.x0) / this.dx));
    const gy = Math.max(0, Math.min(this.rows - 1, (y - this.y0) / this.dy));
    const i = Math.min(this.columns - 2, Math.floor(gx)), j = Math.min(this.rows - 2, Math.floor(gy));
    const h = gx - i, v = gy - j, k = j * this.columns + i, up = k + this.columns;
    const mean = (f) =>
      (1 - v) * ((1 - h) * f[k] + h * f[k + 1]) + v * ((1 - h) * f[up] + h * f[up + 1]);
    const u = mean(this.u), w = mean(this.v);
    return u === u && w === w ? [u, w] : null;
  }
}

const COATS = [["#000a", 0.9], ["#fff", 0]];
/** Dark below, white above: seen on every colour. Colour, and by how much it stands out. */

/** Arrows of one scale in all pictures: the fastest spans a little more than their spacing. */
export function drawArrows(context, w, h, velocities, viewport, fastest, width, ratio) {
  const {columns, rows, x0, y0, dx, dy, u, v} = velocities;
  const most = Math.min(ARROWS, Math.max(w, h) / (APART * ratio));
  const stride = 2 ** Math.max(0, Math.round(Math.log2(Math.max(columns, rows) / viewport.zoom / most)));
  const spacing = stride * viewport.zoom * Math.min(w * dx, h * dy), unit = 1.15 * spacing / fastest;
  for (const [colour, more] of COATS) {
    context.fillStyle = colour;
    for (let row = stride >> 1; row < rows; row += stride) {
      for (let column = stride >> 1; column < columns; column += stride) {
        const [x, y] = viewport.screen([x0 + column * dx, y0 + row * dy], w, h);
        if (x < -spacing || x > w + spacing || y < -spacing || y > h + spacing) continue;
        const i = row * columns + column;
        arrow(context, x, y, u[i] * unit, -v[i] * unit, spacing, width, more * width);
      }
    }
  }
}

/**
 * An arrow about (x, y) that is filled, ``more`` wider than it is on all sides. One by one: a
 * single outline of them all, or lines with round ends, would cost three times as much.
 */
function arrow(context, x, y, u, v, spacing, width, more) {
  const size = Math.hypot(u, v), length = Math.min(size, 3 * spacing);
  if (!(length > 1.5)) return;
  const nx = u / size, ny = v / size, half = length / 2 + more;
  const long = Math.min(0.45 * length, 0.3 * spacing, 9 * width) + 1.6 * more;
  const wide = 0.55 * long + 0.4 * more, shaft = Math.min(0.55 * width, 0.25 * length) + more;
  const [px, py] = [nx * (half - long), ny * (half - long)];
  context.beginPath();
  context.moveTo(x + nx * half, y + ny * half);
  context.lineTo(x + px - ny * wide, y + py + nx * wide);
  context.lineTo(x + px - ny * shaft, y + py + nx * shaft);
  context.lineTo(x - nx * half - ny * shaft, y - ny * half + nx * shaft);
  context.lineTo(x - nx * half + ny * shaft, y - ny * half - nx * shaft);
  context.lineTo(x + px + ny * shaft, y + py - nx * shaft);
  context.lineTo(x + px + ny * wide, y + py - nx * wide);
  context.fill();
}

const SEEDS = 9, CROWD = 30, STEPS = 100;
const ROUND = 8, CLOSED = 0.012;
/** Steps before a streamline can be closed, and how near its start, as a share of the screen. */

/** Streamlines from the same points in all pictures, none too close to another. */
export function drawStreamlines(context, w, h, velocities, viewport, fastest, width) {
  const taken = new Int16Array(CROWD * CROWD), trails = [];
  for (let name = 1; name <= SEEDS * SEEDS; name++) {
    const column = (name - 1) % SEEDS, row = Math.floor((name - 1) / SEEDS);
    const seed = viewport.inside((column + 0.5) / SEEDS, (row + 0.5) / SEEDS);
    const trail = follow(velocities, seed, viewport, fastest, taken, name, w, h);
    if (trail.length >= 8) trails.push({name, trail});
  }
  context.lineCap = context.lineJoin = "round";
  for (const [colour, wide] of [["#000a", 2.6], ["#fff", 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide * width;
    for (const {name, trail} of trails) streamline(context, name, trail, Math.min(w, h) / 55);
  }
}

function streamline(context, name, trail, size) {
  context.beginPath();
  trail.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  // Not all in the middle: heads in a row would look like a feature of the flow.
  const middle = Math.floor(trail.length * (0.3 + 0.4 * ((0.618 * name) % 1)));
  const [ax, ay] = trail[middle - 1], [bx, by] = trail[middle];
  const step = Math.hypot(bx - ax, by - ay) || 1, nx = (bx - ax) / step, ny = (by - ay) / step;
  context.moveTo(bx - size * (nx - 0.55 * ny), by - size * (ny + 0.55 * nx));
  context.lineTo(bx, by);
  context.lineTo(bx - size * (nx + 0.55 * ny), by - size * (ny - 0.55 * nx));
  context.stroke();
}

function follow(velocities, seed, viewport, fastest, taken, name, w, h) {
  const ahead = trace(velocities, seed, 1, viewport, fastest, taken, name, w, h);
  if (!ahead.length || (ahead.length > ROUND && ahead.at(-1) === ahead[0])) return ahead;
  return [...trace(velocities, seed, -1, viewport, fastest, taken, name, w, h).reverse(), ...ahead.slice(1)];
}

/** Points on the screen, by steps of equal length along the midpoint rule. */
function trace(velocities, [x, y], sign, viewport, fastest, taken, name, w, h) {
  const trail = [], [width, height] = velocities.extent;
  const step = 0.011 * Math.max(width, height) / viewport.zoom;
  for (let i = 0; i < STEPS; i++) {
    const [px, py] = viewport.screen([x, y], w, h);
    if (px < 0 || px > w || py < 0 || py > h) break;
    if (i > ROUND && Math.hypot(px - trail[0][0], py - trail[0][1]) < CLOSED * Math.max(w, h)) {
      trail.push(trail[0]);  // an eddy: once round is enough
      break;
    }
    const spot = Math.floor(py / h * (CROWD - 0.01)) * CROWD + Math.floor(px / w * (CROWD - 0.01));
    if (taken[spot] && taken[spot] !== name) break;
    taken[spot] = name;
    trail.push([px, py]);
    const first = direction(velocities.at(x, y), fastest);
    if (!first) break;
    const half = sign * step / 2;
    const second = direction(
      velocities.at(x + half * first[0] / width, y + half * first[1] / height), fastest);
    if (!second) break;
    x += sign * step * second[0] / width;
    y += sign * step * second[1] / height;
  }
  return trail;
}

/** Of length one; null where nothing moves, or nothing is known. */
function direction(velocity, fastest) {
  if (!velocity) return null;
  const speed = Math.hypot(...velocity);
  return speed > 1e-3 * fastest ? [velocity[0] / speed, velocity[1] / speed] : null;
}
