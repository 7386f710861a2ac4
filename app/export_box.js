// Hands files that the server made to the browser, which saves them.

export function render({model, el}) {
  let name = "symdyn.bin", kind = "application/octet-stream";
  model.on("msg:custom", (message) => {
    if (message.name) { ({name, kind} = message); return; }
    const address = URL.createObjectURL(new Blob([message], {type: kind}));
    const link = document.createElement("a");
    Object.assign(link, {href: address, download: name});
    el.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  });
}
