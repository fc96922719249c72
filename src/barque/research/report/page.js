"use strict";
// A pointer over a picture shows the numbers beneath it. Everything else is there without this.
const written = {
  percent: v => (100 * v).toFixed(2) + "%",
  money: v => v.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  count: v => v.toLocaleString("en"),
  ratio: v => v.toLocaleString("en", { maximumSignificantDigits: 6 }),
};

function time(t, span) {
  const words = new Date(t).toISOString();
  return span > 864e5 * 60 ? words.slice(0, 10) : words.slice(0, 16).replace("T", " ");
}

function nearest(x, at) {
  let low = 0, high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] < at) low = middle; else high = middle;
  }
  return at - x[low] < x[high] - at ? low : high;
}

for (const figure of document.querySelectorAll(".chart")) {
  const { x, t, labels, lines } = JSON.parse(figure.querySelector("script").textContent);
  const plot = figure.querySelector(".plot"), cursor = plot.querySelector(".cursor");
  const tip = figure.querySelector(".tip"), write = written[figure.dataset.form];
  const span = t ? t[t.length - 1] - t[0] : 0;

  const show = event => {
    const box = plot.getBoundingClientRect(), outer = figure.getBoundingClientRect();
    const k = nearest(x, (event.clientX - box.left) / box.width);
    const head = document.createElement("b");
    head.textContent = t ? time(t[k], span) : labels[k];
    tip.replaceChildren(head, ...lines.filter(line => line.v[k] !== null).map(line => {
      const row = document.createElement("div"), name = document.createElement("i");
      name.textContent = line.name + (line.n ? ` (${line.n[k]})` : "");
      row.append(name, write(line.v[k]));
      return row;
    }));
    cursor.hidden = tip.hidden = false;
    cursor.style.left = 100 * x[k] + "%";
    const left = box.left - outer.left + x[k] * box.width;
    const right = left + 14 + tip.offsetWidth > outer.width;
    tip.style.left = Math.max(4, right ? left - tip.offsetWidth - 12 : left + 12) + "px";
    tip.style.top = box.top - outer.top + 8 + "px";
  };
  const hide = () => { cursor.hidden = tip.hidden = true; };
  plot.addEventListener("pointermove", show);
  plot.addEventListener("pointerdown", show);
  plot.addEventListener("pointerleave", hide);
}

// A link to a definition opens the list it is in.
addEventListener("hashchange", open);
function open() {
  const wanted = location.hash.startsWith("#def-") && document.getElementById(location.hash.slice(1));
  if (!wanted) return;
  wanted.closest("details").open = true;
  wanted.scrollIntoView();
}
open();
