// A place to drop a file: it goes to the server in pieces, each sent when the last has arrived.

const PIECE = 1 << 20;

function element(tag, name, parent, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

function megabytes(size) {
  return size < 1e5 ? `${Math.max(1, Math.round(size / 1e3))} kB` : `${(size / 2 ** 20).toFixed(1)} MB`;
}

export function render({model, el}) {
  let file = null;
  let sent = 0;
  const box = element("div", "drop", el);
  const label = element("label", "pick", box);
  const input = element("input", "", label);
  Object.assign(input, {type: "file", accept: ".nc,.nc4,.cdf,.netcdf,.h5,.hdf5,.zip"});
  element("span", "button", label, "Choose a file");
  element("span", "words", box, ` or drop it here: NetCDF, or Zarr as ZIP, up to ${model.limit_mb} MB.`);
  const bar = element("progress", "", box);
  bar.max = 1;
  bar.setAttribute("aria-label", "Upload");
  const cancel = element("button", "cancel", box, "Cancel");
  cancel.type = "button";
  const line = element("p", "line", box);
  line.setAttribute("role", "status");

  const show = (busy, text = "") => {
    box.classList.toggle("busy", busy);
    bar.hidden = cancel.hidden = !busy;
    label.hidden = busy;
    line.textContent = text;
  };

  const offer = (chosen) => {
    if (!chosen || file) return;
    if (chosen.size > model.limit_mb * 2 ** 20) {
      show(false, `'${chosen.name}' has ${megabytes(chosen.size)}, more than ${model.limit_mb} MB.`);
      return;
    }
    file = chosen;
    sent = 0;
    bar.value = 0;
    show(true, `Sending '${file.name}' …`);
    model.send_msg({kind: "offer", name: file.name, size: file.size});
  };

  const send = async (from) => {
    const own = file;
    sent = from;
    bar.value = from / file.size;
    try {
      const piece = await file.slice(from, from + PIECE).arrayBuffer();
      if (file === own) model.send_msg({kind: "piece", at: from, data: piece});
    } catch (error) {
      stop("The browser cannot read this file any more.");
    }
  };

  const stop = (text) => {
    file = null;
    input.value = "";
    show(false, text);
  };

  model.on("msg:custom", (message) => {
    if (message.kind === "send" && file) send(message.at);
    else if (message.kind === "reading" && file) {
      bar.removeAttribute("value");
      line.textContent = `Reading '${file.name}' in a process of its own …`;
    } else if (message.kind === "end") stop(message.text);
  });
  input.addEventListener("change", () => offer(input.files[0]));
  cancel.addEventListener("click", () => { model.send_msg({kind: "cancel"}); stop("Cancelled."); });
  for (const name of ["dragenter", "dragover"]) {
    box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    box.addEventListener(name, (event) => { event.preventDefault(); box.classList.remove("over"); });
  }
  box.addEventListener("drop", (event) => offer(event.dataTransfer.files[0]));
  show(false);
}
