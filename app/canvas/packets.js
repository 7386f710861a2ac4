// What the server sends, see app/pictures.py: decoded, and kept lead by lead.

let arrays = 0;

/** The header of a packet, with views on the float32 numbers that it names; null if there is none. */
export function decode(packet) {
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
        frame[kind][key] = {data: numbers.subarray(offset, offset + size), shape, id: arrays++};
      }
    }
  }
  return header;
}

/** The frames of one comparison under one display; a new generation is a new scene. */
export class Scene {
  constructor(header) {
    Object.assign(this, header);
    this.frames = new Map();
    this.history = null;
    this.add(header);
  }

  add(header) {
    for (const frame of header.frames) {
      if (frame.fields.history) this.history = frame.fields.history;
      this.frames.set(frame.lead, frame);
    }
  }

  get available() { return this.frames.size; }

  /** Frames are consecutive from 1: a hole means that one was lost. */
  get whole() { return this.frames.has(this.frames.size); }

  /** What does not change with the lead comes with the first. */
  field(key, lead) {
    return this.frames.get(lead)?.fields[key] ?? this.frames.get(1)?.fields[key];
  }

  arrows(key, lead) {
    return this.frames.get(lead)?.arrows[key] ?? this.frames.get(1)?.arrows[key];
  }

  /** Time after now, in ``lead_unit``. */
  time(lead) { return lead * this.frame_time; }

  /** The value of the cell at (x, y), in shares of the picture; y upward. */
  value(key, lead, at) {
    const field = this.field(key, lead);
    return field ? field.data[cell(field.shape, at)] : NaN;
  }

  /** Values of one cell at all leads that have arrived. */
  line(key, at) {
    const leads = [...this.frames.keys()].sort((a, b) => a - b);
    return leads.map((lead) => [this.time(lead), this.value(key, lead, at)]);
  }

  /** Values of the input frames, the last of them now. */
  past(at) {
    if (!this.history) return [];
    const [frames, ny, nx] = this.history.shape, place = cell([ny, nx], at);
    return Array.from({length: frames}, (_, i) =>
      [(i + 1 - frames) * this.history_time, this.history.data[i * ny * nx + place]]);
  }
}

function cell([ny, nx], [x, y]) {
  const column = Math.min(nx - 1, Math.floor(x * nx)), row = Math.min(ny - 1, Math.floor(y * ny));
  return row * nx + column;
}
