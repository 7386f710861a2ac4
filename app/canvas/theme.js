// Colours and sizes that the style sheet decides, for what is drawn on canvases.

export class Style {
  constructor(root) {
    this.root = root;
    this.version = 0;
    this.read();
  }

  /** Follow ``theme`` ("light", "dark", "projector"), or the page where it says nothing. */
  follow(theme) {
    const dark = theme ? theme === "dark" : document.documentElement.classList.contains("dark");
    this.root.dataset.theme = theme || (dark ? "dark" : "light");
    this.root.style.colorScheme = dark ? "dark" : "light";
    this.read();
  }

  read() {
    const values = getComputedStyle(this.root);
    const length = (name, otherwise) => parseFloat(values.getPropertyValue(name)) || otherwise;
    const dark = this.root.style.colorScheme === "dark";
    this.family = values.fontFamily;
    this.size = parseFloat(values.fontSize) || 13;
    this.small = Math.round(this.size * 0.82);
    this.line = length("--line-width", 1) * Math.max(1, this.size / 14);
    this.gutter = Math.round(this.small * 3);
    this.ink = dark ? "#e8eaed" : "#1a1c1e";
    this.muted = dark ? "#b4bac2" : "#50565e";
    this.faint = dark ? "#ffffff2e" : "#0000001f";
    this.paper = dark ? "#16181b" : "#ffffff";
    this.version += 1;
  }
}
