// Velocities on top of a picture: arrows, or streamlines where nothing may move.

const ARROWS = 16;
/** Arrows along a side of the screen, at most. */

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

/** Dark below, white above: seen on every colour. */
function stroke(context, width) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#000a";
  context.lineWidth = 2.6 * width;
  context.stroke();
  context.strokeStyle = "#fff";
  context.lineWidth = width;
  context.stroke();
}

/** Arrows of one scale in all pictures: the fastest spans a little more than their spacing. */
export function drawArrows(context, w, h, velocities, viewport, fastest, width) {
  const {columns, rows, x0, y0, dx, dy} = velocities;
  const apart = Math.max(columns, rows) / viewport.zoom / ARROWS;
  const stride = 2 ** Math.max(0, Math.ceil(Math.log2(apart) - 1e-6));
  const spacing = stride * viewport.zoom * Math.min(w * dx, h * dy);
  context.beginPath();
  for (let row = stride >> 1; row < rows; row += stride) {
    for (let column = stride >> 1; column < columns; column += stride) {
      const [x, y] = viewport.screen([x0 + column * dx, y0 + row * dy], w, h);
      if (x < -spacing || x > w + spacing || y < -spacing || y > h + spacing) continue;
      const i = row * columns + column;
      arrow(context, x, y, velocities.u[i], velocities.v[i], 1.15 * spacing / fastest, spacing);
    }
  }
  stroke(context, width);
}

function arrow(context, x, y, u, v, unit, spacing) {
  let length = Math.hypot(u, v) * unit;
  if (!(length > 1.5)) return;
  const nx = u * unit / length, ny = -v * unit / length;
  length = Math.min(length, 3 * spacing);
  const [tx, ty] = [x + nx * length / 2, y + ny * length / 2];
  context.moveTo(x - nx * length / 2, y - ny * length / 2);
  context.lineTo(tx, ty);
  head(context, tx, ty, nx, ny, Math.min(length * 0.4, spacing * 0.28));
}

function head(context, x, y, nx, ny, size) {
  context.moveTo(x - size * (nx - 0.55 * ny), y - size * (ny + 0.55 * nx));
  context.lineTo(x, y);
  context.lineTo(x - size * (nx + 0.55 * ny), y - size * (ny - 0.55 * nx));
}

const SEEDS = 9, CROWD = 30, STEPS = 100;

/** Streamlines from the same points in all pictures, none too close to another. */
export function drawStreamlines(context, w, h, velocities, viewport, fastest, width) {
  const taken = new Int16Array(CROWD * CROWD);
  context.beginPath();
  let name = 0;
  for (let row = 0; row < SEEDS; row++) {
    for (let column = 0; column < SEEDS; column++) {
      const seed = viewport.inside((column + 0.5) / SEEDS, (row + 0.5) / SEEDS);
      name += 1;
      const trail = follow(velocities, seed, viewport, fastest, taken, name, w, h);
      if (trail.length < 8) continue;
      trail.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      // Not all in the middle: heads in a row would look like a feature of the flow.
      const middle = Math.floor(trail.length * (0.3 + 0.4 * ((0.618 * name) % 1))), [ax, ay] = trail[middle - 1], [bx, by] = trail[middle];
      const size = Math.hypot(bx - ax, by - ay) || 1;
      head(context, bx, by, (bx - ax) / size, (by - ay) / size, Math.min(w, h) / 55);
    }
  }
  stroke(context, width);
}

function follow(velocities, seed, viewport, fastest, taken, name, w, h) {
  const ahead = trace(velocities, seed, 1, viewport, fastest, taken, name, w, h);
  if (!ahead.length) return ahead;
  return [...trace(velocities, seed, -1, viewport, fastest, taken, name, w, h).reverse(), ...ahead.slice(1)];
}

/** Points on the screen, by steps of equal length along the midpoint rule. */
function trace(velocities, [x, y], sign, viewport, fastest, taken, name, w, h) {
  const trail = [], [width, height] = velocities.extent;
  const step = 0.011 * Math.max(width, height) / viewport.zoom;
  for (let i = 0; i < STEPS; i++) {
    const [px, py] = viewport.screen([x, y], w, h);
    if (px < 0 || px > w || py < 0 || py > h) break;
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
