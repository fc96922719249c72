// What is known of an account. A first read fills it; events are folded on top, in order of seq.
// Folding an event that is already in it changes nothing.

import { isDecision } from "./words.js";

const KEPT_FILLS = 1000;
const KEPT_ENTRIES = 400;
const KEPT_POINTS = 8000;
const WORKING = new Set(["ACCEPTED", "TRIGGERED", "PARTIALLY_FILLED", "WAITING"]);

export function emptyState() {
  return {
    account: null, seq: 0, feed: null, halted: false,
    orders: new Map(), fills: [], positions: new Map(), signals: new Map(), equity: [], journal: [],
  };
}

/** Take a first read. */
export function begin(state, { account, orders, fills, positions, signals, equity, journal, feed }) {
  Object.assign(state, emptyState(), { account, seq: account.seq, feed, fills, equity, journal });
  for (const order of orders) state.orders.set(order.order_id, order);
  for (const position of positions) state.positions.set(position.instrument, position);
  for (const signal of signals) state.signals.set(signal.instrument, signal);
  state.halted = state.journal.some((entry) => entry.type === "halt");
}

/** Fold one message of the stream; says which parts of the desk it changed. */
export function fold(state, event) {
  if (event.type === "feed") {
    state.feed = event.payload;
    return ["feed"];
  }
  if (event.seq <= state.seq) return [];
  state.seq = event.seq;
  const changed = FOLDS[event.type]?.(state, event, event.payload) ?? [];
  if (!isDecision(event)) return changed;
  if (state.journal.at(-1)?.seq >= event.seq) return changed; // it was in the first read
  state.journal.push(event);
  if (state.journal.length > 2 * KEPT_ENTRIES) state.journal.splice(0, KEPT_ENTRIES);
  return [...changed, "journal"];
}

const FOLDS = {
  accepted: (state, event, p) => place(state, event, p, p.flags?.includes("WAITS") ? "WAITING" : "ACCEPTED"),
  refused: (state, event, p) => place(state, event, p, "REFUSED"),
  filled(state, event, p) {
    change(state, event, p, { leaves: p.leaves, state: Number(p.leaves) ? "PARTIALLY_FILLED" : "FILLED" });
    if (!state.fills.some((fill) => fill.seq === event.seq)) state.fills.push({ ...p, seq: event.seq, ts: p.fill_ts });
    if (state.fills.length > 2 * KEPT_FILLS) state.fills.splice(0, KEPT_FILLS);
    return ["orders", "fills"];
  },
  canceled: (state, event, p) => change(state, event, p, { state: "CANCELED", leaves: p.leaves }),
  expired: (state, event, p) => change(state, event, p, { state: "EXPIRED", leaves: p.leaves }),
  rejected: (state, event, p) => change(state, event, p, { state: "REJECTED", leaves: p.leaves }),
  released: (state, event, p) => change(state, event, p, { state: "ACCEPTED" }),
  triggered: (state, event, p) => change(state, event, p, { state: "TRIGGERED", price: p.price }),
  amended: (state, event, p) => change(state, event, p, { leaves: p.leaves, price: p.price }),
  order_adjusted: (state, event, p) => change(state, event, p, { leaves: p.leaves, price: p.price }),
  position(state, event, p) {
    state.positions.set(p.instrument, p);
    return ["positions"];
  },
  signal(state, event, p) {
    state.signals.set(p.instrument, { ...p, ts: event.ts });
    return ["signals"];
  },
  slice(state, event, p) {
    const last = state.equity.at(-1);
    if (last && event.ts <= last.ts) return [];
    state.equity.push({ ts: event.ts, equity: p.equity, cash: p.cash });
    if (state.equity.length > KEPT_POINTS) state.equity = thinned(state.equity);
    return ["equity"];
  },
  halt(state) {
    state.halted = true;
    return ["feed"];
  },
};

function place(state, event, p, named) {
  const known = state.orders.get(p.order_id);
  if (known && known.seq >= event.seq) return [];
  state.orders.set(p.order_id, { ...p, state: named, leaves: p.quantity, placed_ts: event.ts, seq: event.seq });
  return ["orders"];
}

function change(state, event, p, facts) {
  const order = state.orders.get(p.order_id);
  if (!order || order.seq >= event.seq) return [];
  Object.assign(order, facts, { seq: event.seq });
  if (!WORKING.has(order.state)) state.orders.delete(p.order_id);
  return ["orders"];
}

/** Halve the older half of a curve, keeping its lowest and highest so that drawdowns stay. */
function thinned(curve) {
  const middle = curve.length >> 1;
  const kept = [];
  for (let k = 0; k < middle; k += 4) {
    const four = curve.slice(k, Math.min(k + 4, middle));
    const ordered = [...four].sort((a, b) => Number(a.equity) - Number(b.equity));
    kept.push(...new Set([ordered[0], ordered.at(-1)].sort((a, b) => a.ts - b.ts)));
  }
  return [...kept, ...curve.slice(middle)];
}

export const workingOrders = (state) =>
  [...state.orders.values()].filter((order) => WORKING.has(order.state)).sort((a, b) => b.order_id - a.order_id);

/** Equity, the day's change, the change since the start and the drawdown, as numbers. */
export function performance(state) {
  const curve = state.equity;
  if (!curve.length) return null;
  const last = curve.at(-1);
  const equity = Number(last.equity);
  const dayBegan = last.ts - (last.ts % 86_400e9);
  const before = curve.findLast((point) => point.ts <= dayBegan && point.ts < last.ts);
  let peak = -Infinity;
  let worst = 0;
  for (const point of curve) {
    peak = Math.max(peak, Number(point.equity));
    worst = Math.max(worst, 1 - Number(point.equity) / peak);
  }
  const start = Number(state.account.spec?.cash ?? curve[0].equity);
  return { equity, cash: last.cash, day: before ? equity - Number(before.equity) : null, dayBase: Number(before?.equity), start, drawdown: 1 - equity / peak, worst };
}
