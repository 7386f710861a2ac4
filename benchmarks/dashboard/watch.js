// Times what a page of the dashboard shows, by the clock of the browser. Runs before the page does.
//
// A frame counts as painted when the browser has handed it on: in a task after its animation frame.

(() => {
  const found = {root: null, words: null, spectra: null};

  const search = (selector, node = document) => {
    for (const child of node.querySelectorAll("*")) {
      if (child.matches(selector)) return child;
      const inner = child.shadowRoot && search(selector, child.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const root = () => found.root?.isConnected ? found.root : (found.root = search(".symdyn"));
  const words = () => found.words?.isConnected ? found.words : (found.words = search(".story"));
  const spectra = () => found.spectra?.isConnected ? found.spectra
    : (found.spectra = search("figure.spectra"));

  /** What is on the screen now. */
  const shown = () => ({
    generation: Number(root()?.dataset.generation ?? 0),
    available: Number(root()?.dataset.available ?? 0),
    lead: Number(root()?.dataset.lead ?? 0),
    words: words()?.textContent ?? "",
    spectra: spectra()?.dataset.version,
  });

  /** Wait for a state of the screen; the time when it was painted. */
  const until = (wanted, patience = 60000) => new Promise((resolve, reject) => {
    const latest = performance.now() + patience;
    // After the frame rather than in it: whether its pictures are drawn before or after anything
    // that is done here in it is a matter of chance.
    const look = () => requestAnimationFrame(() => setTimeout(() => {
      if (wanted(shown())) resolve(performance.now());
      else if (performance.now() > latest) reject(new Error("nothing was painted"));
      else look();
    }));
    look();
  });

  /** The next key press: when pictures, spectra and numbers of it were painted, after it [ms]. */
  const move = async () => {
    const before = shown();
    const pressed = new Promise((resolve) => window.addEventListener(
      "keydown", (event) => resolve(event.timeStamp), {capture: true, once: true}));
    const began = await pressed;
    const times = await Promise.all([
      until((now) => now.generation > before.generation),
      until((now) => now.spectra !== before.spectra),
      until((now) => now.words !== before.words),
    ]);
    return {began, pictures: times[0] - began, all: Math.max(...times) - began};
  };

  /** When the leads of the pictures of a key press were painted, after it [ms]. */
  const rollout = async (began, steps) => {
    const arrivals = [];
    let available = 0;
    while (available < steps) {
      const seen = available;
      const at = await until((now) => now.available > seen);
      available = shown().available;
      arrivals.push([available, at - began]);
    }
    return arrivals;
  };

  /** Frames of the player that were painted in some time, each another lead [1/s]. */
  const frames = async (milliseconds) => {
    const began = performance.now();
    let painted = 0, last = shown().lead;
    while (performance.now() - began < milliseconds) {
      await until(() => true);
      const {lead} = shown();
      if (lead !== last) painted += 1;
      last = lead;
    }
    return 1000 * painted / (performance.now() - began);
  };

  /** When the first pictures and numbers were painted, after the page was asked for [ms].
   *
   * The page notes the task after their frame: to look for them in a page that is being built takes
   * so long that it would be late itself. */
  const first = () => new Promise((resolve, reject) => {
    new PerformanceObserver((marks) => {
      const [mark] = marks.getEntriesByName("symdyn: first pictures");
      if (!mark) return;
      const {generation, words} = shown();
      if (generation > 0 && /RMSE/.test(words)) resolve(mark.startTime);
      else reject(new Error("pictures or numbers are missing"));
    }).observe({type: "mark", buffered: true});
  });

  window.symdynWatch = {move, rollout, frames, first, until, shown};
})();
