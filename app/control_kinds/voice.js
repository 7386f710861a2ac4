// What the browser says to the server: at once, and then at most once in a frame of the screen.

export class Voice {
  constructor(model) {
    this.model = model;
    this.number = 0;
    this.said = new Map();
    this.waiting = new Map();
    this.frame = 0;
  }

  /** Something has another value; while it goes on changing only the latest one of a frame counts. */
  say(key, value) {
    this.waiting.set(key, value);
    if (!this.frame) this.rest();
  }

  /** Something was pressed: what was said before it goes first. */
  press(key, value = null) {
    this.flush();
    this.send(key, value);
  }

  /** Whether the server had not heard the latest about a key when it sent values. */
  isAhead(key, heard) {
    return this.waiting.has(key) || (this.said.get(key) ?? 0) > heard;
  }

  rest() {
    this.flush();
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.waiting.size) this.rest();
    });
  }

  flush() {
    for (const [key, value] of this.waiting) this.send(key, value);
    this.waiting.clear();
  }

  /** Numbers by the clock: they grow in all views of a panel alike. */
  send(key, value) {
    this.number = Math.max(this.number + 1, Date.now());
    this.said.set(key, this.number);
    this.model.send_msg({key, value, number: this.number});
  }
}
