// A range with its name and value over it, filled from where nothing is changed.

import {element} from "symdyn/dom";

const FAR = 10;
/** Steps of the page keys, and of arrows with Shift. */

const SIGNS = {PageUp: 1, PageDown: -1};
const SHIFTED = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1};

export function slider(told, voice) {
  const root = element("div", `slider ${told.mark}`, null, {title: told.help});
  const id = `control-${told.key}`;
  const head = element("div", "head", root);
  element("label", "name", head, {for: id}, told.label);
  const read = element("span", "value", head, {"aria-hidden": "true"});
  const track = element("div", "track", root);
  const input = element("input", "", track, {
    id, type: "range", min: told.low, max: told.high, step: told.step, title: told.help,
  });
  input.disabled = told.disabled;
  const share = (value) => (value - told.low) / ((told.high - told.low) || 1);
  const neutral = told.neutral === null ? 0 : share(told.neutral);
  if (neutral > 0 && neutral < 1) {
    element("i", "tick", track, {"aria-hidden": "true"}).style.left = place(neutral);
  }

  const draw = (value) => {
    const at = Math.max(0, Math.min(1, share(value)));
    const words = told.names.length ? told.names[value - told.low] ?? "" : plain(value) + told.unit;
    read.textContent = words;
    input.setAttribute("aria-valuetext", words);
    track.style.setProperty("--start", place(Math.min(at, neutral)));
    track.style.setProperty("--end", place(Math.max(at, neutral)));
  };
  const moved = () => {
    draw(input.valueAsNumber);
    voice.say(told.key, input.valueAsNumber);
  };
  input.addEventListener("input", moved);
  input.addEventListener("keydown", (event) => {
    const sign = SIGNS[event.key] ?? (event.shiftKey ? SHIFTED[event.key] : undefined);
    if (!sign) return;
    event.preventDefault();
    input.stepUp(sign * FAR);
    moved();
  });
  return {
    root,
    target: input,
    show(value) {
      input.value = value;
      draw(value);
    },
  };
}

/** Where the middle of the thumb is; the ends of the track are filled to the brim. */
const place = (share) => share <= 0 ? "0%" : share >= 1 ? "100%"
  : `calc(${share} * (100% - var(--thumb)) + var(--thumb) / 2)`;

const plain = (value) => String(Number(Number(value).toFixed(3))).replace("-", "−");
