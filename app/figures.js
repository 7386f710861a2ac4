// What the pages need of BokehJS 3.9, whatever figure it draws: a part of frame.html, which has it
// ready before the first figure is made.

const WORDS = 0.8125;
/** "1 em" of a figure, in sizes of a letter of the page. */

/**
 * A figure on a page that is just coming to the front may be asked for its layout before it has one:
 * it waits until it is drawn, which lays it out anyhow.
 */
function waitForLayout(drawn) {
  for (const name of ["_measure_layout", "_after_layout"]) {
    const act = drawn[name];
    drawn[name] = function (...given) { if (this.layout) act.apply(this, given); };
  }
}

/** Words are always as large as "1 em" is by default: 13 pixels on all screens, in all themes. */
function growWithThePage(words) {
  Object.defineProperty(words, "_base_font_size", {
    configurable: true,
    get: () => WORDS * parseFloat(getComputedStyle(document.documentElement).fontSize),
    set: () => {},
  });
}

waitForLayout(Bokeh.require("models/plots/plot_canvas").PlotView.prototype);
growWithThePage(Bokeh.require("core/graphics").TextBox.prototype);
