// Buttons: for one thing to do, and rows of them for values worth a button.

import {drawn, element, icon} from "symdyn/dom";

const SEARCH = "M10 3a7 7 0 0 1 5.600 11.200l5.100 5.100-1.400 1.400-5.100-5.100A7 7 0 1 1 10 3zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM9.200 6.800h1.600v4.200H9.200zM9.200 12h1.600v1.500H9.200z";
const ICONS = {plus: () => icon("closer"), close: () => icon("close"), search: () => drawn(SEARCH)};

export function button(told, voice) {
  const alone = told.look === "icon";
  const root = element("button", `press ${told.look} ${told.mark}`, null,
    {type: "button", title: alone ? told.label : told.help});
  if (alone) root.setAttribute("aria-label", told.label);
  if (ICONS[told.icon]) root.append(ICONS[told.icon]());
  if (!alone) root.append(told.label);
  root.disabled = told.disabled;
  root.onclick = () => voice.press(told.key);
  return {root, target: root};
}

export function presets(told, voice) {
  const root = element("div", `presets ${told.mark}`, null, {role: "group", "aria-label": told.label});
  told.names.forEach((name, which) => {
    const made = element("button", "", root, {type: "button"}, name);
    made.onclick = () => voice.press(told.key, which);
  });
  return {root, target: root.firstElementChild};
}

export function text(told) {
  return {root: element("p", `text ${told.mark}`, null, {title: told.help}, told.label)};
}
