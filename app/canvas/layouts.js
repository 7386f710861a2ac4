// Where the pictures stand: a grid, the commuting square, or one big picture.

import {element} from "symdyn/dom";

const GRID = ["input", "truth", "a", "b", "error_a", "error_b"];

export function forecasts(board) {
  const {stage} = board;
  stage.className = "stage forecasts";
  const pictures = GRID.map((key) => board.gallery.picture(key, [key]));
  for (const picture of pictures) {
    picture.root.style.gridArea = picture.id;
    picture.axes.shown = {x: !["a", "b"].includes(picture.id), y: ["input", "error_a"].includes(picture.id)};
  }
  stage.replaceChildren(...pictures.map(({root}) => root), ...board.slots);
  return pictures;
}

/** Place, picture and meaning of each corner of the square of one model. */
const CORNERS = [
  ["w", "recorded", "w"], ["tw", "input", "T w"], ["ftw", "", "f(T w)"],
  ["fw", "upright_", "f(w)"], ["tfw", "expected_", "T f(w)"], ["gap", "error_", "f(T w) − T f(w)"],
];
const GAP = "Equivariance error of the velocity at this lead: the size of the difference, as a share "
  + "of T f(w), over the cells that are known and out of reach of the edge.";
const ARROWS = [
  ["t1", "T", "The transformation: from the recorded flow to the transformed one."],
  ["f1", "f", "The forecast of the transformed flow."],
  ["f2", "f", "The forecast of the flow as recorded."],
  ["t2", "T", "The transformation, of the forecast."],
  ["m1", "", "One way round: transform first, then forecast."],
  ["m2", "−", "The other way round: forecast first, then transform. Both should arrive at the same."],
];

export function square(board) {
  const {stage} = board;
  stage.className = "stage squares";
  stage.dataset.models = board.options.models.value;
  const pictures = [];
  const squares = ["a", "b"].map((model) => {
    const root = element("section", `square ${model}`, null, {"aria-label": `Model ${model.toUpperCase()}`});
    const head = element("h3", "", root);
    element("span", "name", head, {}, board.scene.models[model]);
    const diagram = element("div", "diagram", root);
    for (const [corner, prefix] of CORNERS) {
      const key = prefix === "" ? model : prefix.endsWith("_") ? prefix + model : prefix;
      const picture = board.gallery.picture(`${corner}_${model}`, [key]);
      picture.root.style.gridArea = corner;
      picture.axes.shown = {x: ["fw", "tfw", "gap"].includes(corner), y: ["w", "fw"].includes(corner)};
      if (corner === "gap") picture.caption.heading = element("span", "gap", head, {title: GAP});
      diagram.append(picture.root);
      pictures.push(picture);
    }
    for (const [place, letter, help] of ARROWS) {
      const arrow = element("div", `way ${place}`, diagram, {title: help});
      arrow.style.gridArea = place;
      element("span", "letter", arrow, {}, letter);
      element("span", "line", arrow, {role: "img", "aria-label": help});
    }
    return root;
  });
  const below = element("div", "below", null);
  below.append(...board.slots);
  stage.replaceChildren(...squares, below);
  return pictures;
}

/** One big picture of two fields, and the figures beside it. */
export function pair(board) {
  const {stage} = board, keys = board.options.pair.value.split(" ");
  stage.className = "stage pair";
  const picture = board.gallery.picture(`pair_${keys.join("_")}`, keys);
  picture.axes.shown = {x: true, y: true};
  const beside = element("div", "beside", null);
  beside.append(...board.slots);
  stage.replaceChildren(picture.root, beside);
  return [picture];
}
