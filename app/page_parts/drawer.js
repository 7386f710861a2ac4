// The sidebar around a component: shut where it would lie over the page, as wide as its words need.

const WIDTH = 17.5;
/** Of the sidebar, in sizes of a letter of the page. */

/** What the frame sets where the page is narrow, before anything is drawn: the sidebar is not seen. */
const UNSEEN = "--symdyn-sidebar";

export class Drawer {
  constructor(view) {
    this.page = view;
    while (this.page.parent) this.page = this.page.parent;
  }

  /** Whether it would lie over the page; then it is shut, and seen as soon as it is asked for. */
  shutWhereNarrow() {
    const narrow = document.documentElement.style.getPropertyValue(UNSEEN) !== "";
    const {data} = this.page.model;
    if (narrow) data.sidebar_open = false;
    const show = () => {
      if (data.sidebar_open) document.documentElement.style.removeProperty(UNSEEN);
    };
    this.page.connect(data.properties.sidebar_open.change, show);
    show();
    return narrow;
  }

  /** Words grow with the theme and with the window. */
  fit() {
    const letter = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = Math.round(WIDTH * letter), {data} = this.page.model;
    if (data.sidebar_width !== width) data.sidebar_width = width;
  }
}
