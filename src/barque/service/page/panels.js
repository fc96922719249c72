// The tables and lists. Rows keep their identity, so focus and scrolling survive an update.

import { entryWords, money, percent, price, quantity, shortMoment, signed, decimal, symbolOf, venueOf } from "./words.js";

export const byId = (id) => document.getElementById(id);

/** An element with a class and children; texts are texts, never markup. */
function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * Make `parent` show `items` in order, one child each. `build` makes a child's cells from an item;
 * a child is built again only when what `key` or `version` says of its item has changed.
 */
function sync(parent, items, { tag, key, version, build, fresh = false }) {
  const known = (parent.known ??= new Map());
  const first = known.size === 0;
  const wanted = new Set(items.map(key));
  for (const [name, child] of known) if (!wanted.has(name)) { child.remove(); known.delete(name); }
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let child = known.get(name);
    if (!child) {
      child = make(tag, fresh && !first ? "fresh" : "");
      known.set(name, child);
    }
    update(child, version(item), () => build(item));
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
}

function update(child, version, build) {
  if (child.version === version) return;
  child.version = version;
  const cells = build();
  const focused = child.contains(document.activeElement);
  child.replaceChildren(...cells);
  if (focused) child.querySelector("button")?.focus();
}

const cell = (className, ...children) => make("td", className, ...children);

/** A button that shows an instrument's candles; with its venue where there is room. */
function instrumentButton(id, withVenue = false) {
  const button = make("button", "instrument", symbolOf(id));
  if (withVenue) button.append(make("span", "venue", venueOf(id)));
  button.type = "button";
  button.dataset.instrument = id;
  button.title = `Show the candles of ${id}`;
  return button;
}

/** A fixed order: rows that jump about with prices cannot be read. */
const byInstrument = (a, b) => (a.instrument < b.instrument ? -1 : 1);

const sideCell = (side) => cell(side === "BUY" ? "up" : "down", side === "BUY" ? "▲ Buy" : "▼ Sell");

function amount(value, text, more = "") {
  return cell(`number ${more} ${value > 0 ? "up" : value < 0 ? "down" : "dim"}`, value ? signed(text) : text);
}

function empty(id, isEmpty) {
  byId(`${id}-empty`).hidden = !isEmpty;
  const table = byId(id).closest("table");
  if (table) table.hidden = isEmpty;
}

export function showPositions(positions, desk) {
  const held = positions.filter((position) => Number(position.quantity)).sort(byInstrument);
  sync(byId("positions"), held, {
    tag: "tr",
    key: (p) => p.instrument,
    version: (p) => [p.quantity, p.last, p.value, p.cost].join(),
    build: (p) => {
      const instrument = desk.instruments.get(p.instrument);
      const profit = Number(p.value) - Number(p.cost);
      return [
        cell("", instrumentButton(p.instrument, true)),
        cell("number", `${quantity(p.quantity, instrument)}`),
        cell("number", price(p.last, instrument)),
        cell("number optional", money(p.value, desk.currency)),
        amount(profit, money(profit, desk.currency)),
      ];
    },
  });
  empty("positions", !held.length);
  const open = held.reduce((sum, p) => sum + Number(p.value) - Number(p.cost), 0);
  byId("positions-note").textContent = held.length ? `${held.length} held, open profit ${signed(money(open, desk.currency))}` : "";
}

export function showOrders(orders, desk) {
  sync(byId("orders"), orders.slice(0, 200), {
    tag: "tr",
    key: (o) => o.order_id,
    version: (o) => `${o.seq}${desk.daily}`,
    fresh: true,
    build: (o) => {
      const instrument = desk.instruments.get(o.instrument);
      return [
        cell("dim optional", shortMoment(o.placed_ts, desk.daily)),
        sideCell(o.side),
        cell("", instrumentButton(o.instrument)),
        cell("", o.type[0] + o.type.slice(1).toLowerCase()),
        cell("number", quantity(o.leaves, instrument)),
        cell("number", o.price === null ? "market" : price(o.price, instrument)),
      ];
    },
  });
  empty("orders", !orders.length);
  byId("orders-note").textContent = orders.length ? `${orders.length} working` : "";
}

export function showFills(fills, desk) {
  sync(byId("fills"), fills.slice(-200).reverse(), {
    tag: "tr",
    key: (f) => f.seq,
    version: () => `${desk.daily}`,
    fresh: true,
    build: (f) => {
      const instrument = desk.instruments.get(f.instrument);
      const realized = Number(f.realized);
      return [
        cell("dim", shortMoment(f.ts, desk.daily)),
        sideCell(f.side),
        cell("", instrumentButton(f.instrument)),
        cell("number", quantity(f.quantity, instrument)),
        cell("number", price(f.price, instrument)),
        amount(realized, realized ? money(f.realized, desk.currency) : "–", "optional"),
      ];
    },
  });
  empty("fills", !fills.length);
  byId("fills-note").textContent = fills.length > 200 ? "newest 200" : fills.length ? "newest first" : "";
}

export function showSignals(signals, desk) {
  sync(byId("signals"), [...signals].sort(byInstrument), {
    tag: "tr",
    key: (s) => s.instrument,
    version: (s) => `${s.prediction}/${s.exposure}`,
    build: (s) => [
      cell("", instrumentButton(s.instrument, true)),
      cell("number dim", s.prediction === null ? "–" : decimal(s.prediction, 4)),
      amount(s.exposure, decimal(s.exposure, 2)),
      cell("gauge", gauge(s.exposure)),
    ],
  });
  empty("signals", !signals.length);
  const newest = Math.max(0, ...signals.map((signal) => signal.ts));
  byId("signals-note").textContent = newest ? `at ${shortMoment(newest, desk.daily)}` : "";
}

function gauge(exposure) {
  const fill = make("i", exposure < 0 ? "short" : "");
  const half = Math.min(1, Math.abs(exposure)) * 50;
  fill.style.setProperty("--left", `${exposure < 0 ? 50 - half : 50}%`);
  fill.style.setProperty("--width", `${half}%`);
  const box = make("div", "exposure", fill);
  box.setAttribute("aria-hidden", "true"); // the number stands beside it
  return box;
}

export function showJournal(entries, desk) {
  sync(byId("journal"), entries.slice(-200).reverse(), {
    tag: "li",
    key: (entry) => entry.seq,
    version: () => `${desk.daily}`,
    fresh: true,
    build: (entry) => {
      const time = make("time", "", shortMoment(entry.ts, desk.daily));
      time.dateTime = new Date(entry.ts / 1e6).toISOString();
      const words = make("span", entry.type, entryWords(entry, desk.instruments, desk.currency));
      if (entry.note) words.append(make("span", "note", entry.note));
      return [time, words];
    },
  });
  empty("journal", !entries.length);
}

/** The figures in the bar on top. */
export function showFigures(figures, currency) {
  const set = (id, text, value = 0) => {
    byId(id).textContent = text;
    byId(id).className = `${id === "equity" ? "large " : ""}${value > 0 ? "up" : value < 0 ? "down" : ""}`;
  };
  if (!figures) return;
  const gain = figures.equity - figures.start;
  set("equity", `${money(figures.equity, currency)} ${currency}`);
  set("cash", money(figures.cash, currency));
  set("total", signed(percent(gain / figures.start)), gain);
  set("drawdown", `${percent(-figures.drawdown)} (worst ${percent(-figures.worst)})`);
  if (figures.day === null) return set("day", "–");
  set("day", `${signed(money(figures.day, currency))} (${signed(percent(figures.day / figures.dayBase))})`, figures.day);
}
