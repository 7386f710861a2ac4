// Lists, buttons side by side, and switches.

import {element} from "symdyn/dom";

export function select(told, voice) {
  const root = element("div", `select ${told.mark}`, null, {title: told.help});
  const id = `control-${told.key}`;
  element("label", "name", root, {for: id}, told.label);
  const list = element("select", "", root, {id, title: told.help});
  list.disabled = told.disabled;
  const values = [];
  for (const [heading, choices] of told.groups) {
    const parent = heading ? element("optgroup", "", list, {label: heading}) : list;
    for (const [value, name] of choices) {
      element("option", "", parent, {value: values.length}, name);
      values.push(value);
    }
  }
  list.addEventListener("change", () => voice.press(told.key, values[list.selectedIndex]));
  return {
    root,
    target: list,
    show(value) {
      list.selectedIndex = values.indexOf(value);
      // Long names are cut off in the box.
      root.title = [list.selectedOptions[0]?.text, told.help].filter(Boolean).join("\n");
    },
  };
}

export function toggles(told, voice) {
  const root = element("div", `toggles ${told.mark}`, null, {title: told.help});
  if (told.titled) element("div", "name", root, {"aria-hidden": "true"}, told.label);
  const row = element("div", "row", root,
    {role: "group", "aria-label": told.label, "aria-description": told.help});
  const show = (value) => {
    for (const [key, made] of buttons) made.setAttribute("aria-pressed", String(key === value));
  };
  const buttons = told.options.map(([value, name, about]) => {
    const made = element("button", "", row, {type: "button", title: about}, name);
    made.disabled = told.disabled;
    made.onclick = () => {
      show(value);
      voice.press(told.key, value);
    };
    return [value, made];
  });
  return {root, target: buttons[0]?.[1], show};
}

export function onOff(told, voice) {
  const root = element("div", `switch ${told.mark}`, null, {title: told.help});
  const id = `control-${told.key}`;
  element("label", "name", root, {for: id}, told.label);
  const input = element("input", "", root, {id, type: "checkbox", role: "switch", title: told.help});
  input.disabled = told.disabled;
  input.addEventListener("change", () => voice.press(told.key, input.checked));
  return {root, target: input, show(value) { input.checked = value; }};
}
