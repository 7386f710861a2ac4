// Particles carried by the velocities of the moment: their paths are streamlines.

const TRACERS = 260;
const AGE = 2.4;
/** Seconds after which a particle starts anew elsewhere. */
const CROSSING = 0.2;
/** Share of the screen that the fastest particle covers in a second, in all pictures alike. */
const INTERVAL = 33;
/** Milliseconds between steps. */
const SHORTEST = 1.2;
/** Pixels of a dash that can be seen. */
const DASHES = 20;
/** Dashes of one outline. */

/** The particles of one picture. */
export class Swarm {
  constructor(canvas) {
    this.canvas = canvas;
    this.particles = Array.from({length: TRACERS}, () => ({x: 0, y: 0, age: AGE * Math.random(), fresh: true}));
  }

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const particle of this.particles) particle.fresh = true;
  }

  /** One step of dt seconds. */
  step(velocities, viewport, fastest, dt, width) {
    const {canvas} = this, context = canvas.getContext("2d");
    context.globalCompositeOperation = "destination-out";
    context.fillStyle = "#0002";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = "source-over";
    const dashes = this.move(velocities, viewport, fastest, dt);
    for (const [colour, wide] of [["#0006", 2.6], ["#fff", 1.3]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide * width;
      // A few at a time: one long path is slow to fill, and so are many of one dash.
      for (let i = 0; i < dashes.length; i += DASHES) {
        context.beginPath();
        for (const [ax, ay, bx, by] of dashes.slice(i, i + DASHES)) {
          context.moveTo(ax, ay);
          context.lineTo(bx, by);
        }
        context.stroke();
      }
    }
  }

  /** Carry all particles on; returns what each has gone, in pixels. */
  move(velocities, viewport, fastest, dt) {
    const {width: w, height: h} = this.canvas, [width, height] = velocities.extent, dashes = [];
    const reach = CROSSING * Math.max(width, height) * dt / (fastest * viewport.zoom);
    for (const particle of this.particles) {
      particle.age += dt;
      if (particle.fresh || particle.age > AGE) this.start(particle, viewport);
      const velocity = velocities.at(particle.x, particle.y);
      if (!velocity) { particle.fresh = true; continue; }
      const [ax, ay] = viewport.screen([particle.x, particle.y], w, h);
      particle.x += reach * velocity[0] / width;
      particle.y += reach * velocity[1] / height;
      const [bx, by] = viewport.screen([particle.x, particle.y], w, h);
      if (bx < 0 || bx > w || by < 0 || by > h) { particle.fresh = true; continue; }
      const size = Math.hypot(bx - ax, by - ay) || 1, more = Math.max(1, SHORTEST / size);
      dashes.push([ax, ay, ax + more * (bx - ax), ay + more * (by - ay)]);
    }
    return dashes;
  }

  start(particle, viewport) {
    [particle.x, particle.y] = viewport.inside(Math.random(), Math.random());
    particle.age = particle.fresh ? AGE * Math.random() : 0;
    particle.fresh = false;
  }
}

/** Moves the swarms of all pictures while they can be seen. */
export class Tracers {
  constructor(step) {
    this.step = step;
    this.request = 0;
  }

  get running() { return this.request !== 0; }

  run(on) {
    if (on === this.running) return;
    if (!on) {
      cancelAnimationFrame(this.request);
      this.request = 0;
      return;
    }
    let last = performance.now();
    const next = (now) => {
      this.request = requestAnimationFrame(next);
      if (now - last < INTERVAL - 4) return;
      this.step(Math.min(0.1, (now - last) / 1000));
      last = now;
    };
    this.request = requestAnimationFrame(next);
  }
}
