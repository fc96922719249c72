// The desk: reads an account, folds what happens on top, and shows it a few times a second.

import { ask, follow, readAccount } from "./api.js";
import { Candles, Curve } from "./charts.js";
import { byId, showFigures, showFills, showJournal, showOrders, showPositions, showSignals } from "./panels.js";
import { begin, emptyState, fold, performance, workingOrders } from "./state.js";
import { compact, decimal, moment, pace, price, shortMoment } from "./words.js";

const PAINT_EVERY = 200; // ms
const RETRY = 2000;
const BARS = 500;
const ALL = ["feed", "orders", "fills", "positions", "signals", "equity", "journal"];

const state = emptyState();
const desk = { instruments: new Map(), currency: "USD", daily: false };
const dirty = new Set();
const candles = new Candles(byId("candles"), { hovered: showLegend, wantsOlder: loadOlder });
const curve = new Curve(byId("curve"));
let chosen = null; // the instrument whose candles are shown
let barsAt = 0; // feed time for which bars were last asked
let busy = false; // a request for bars is under way
let exhausted = false; // there are no older bars
let painting = 0;

const PAINT = {
  feed: showFeed,
  orders: () => showOrders(workingOrders(state), desk),
  fills: () => { showFills(state.fills, desk); candles.mark(fillsOf(chosen)); describeCandles(); },
  positions: () => showPositions([...state.positions.values()], desk),
  signals: () => showSignals([...state.signals.values()], desk),
  equity: showEquity,
  journal: () => showJournal(state.journal, desk),
};

async function start() {
  const [accounts, instruments] = await Promise.all([ask("accounts"), ask("instruments")]);
  if (!accounts.length) throw new Error("There is no account yet. `barque up` opens one.");
  for (const instrument of instruments) desk.instruments.set(instrument.id, instrument);
  const name = new URLSearchParams(location.search).get("account") ?? accounts[0].name;
  await open(name);
  fillChoices(accounts, instruments);
  await choose(mostTraded() ?? instruments[0].id);
  touch(ALL);
  follow(name, () => state.seq, hear, connection);
}

async function open(name) {
  begin(state, await readAccount(name));
  desk.currency = state.account.currency;
  document.title = `${name} · Barque`;
  byId("strategy").textContent = state.account.strategy;
  const figures = performance(state);
  if (figures) curve.show(state.equity, figures.start, 0);
}

function hear(event) {
  touch(fold(state, event));
}

function touch(parts) {
  for (const part of parts) dirty.add(part);
  if (!painting && dirty.size) painting = setTimeout(paint, PAINT_EVERY);
}

function paint() {
  painting = 0;
  const parts = [...dirty];
  dirty.clear();
  for (const part of parts) PAINT[part]();
  if (state.feed && state.feed.ts > barsAt) loadNewer();
}

// The feed and the line.

const PHASES = {
  preparing: ["waiting", "Preparing"],
  recovering: ["waiting", "Recovering the account"],
  finished: ["done", "Replay finished"],
  stopped: ["bad", "Feed stopped"],
};

function showFeed() {
  const feed = state.feed;
  if (!feed) return;
  const replayed = feed.first_ts !== null && feed.last_ts !== null;
  const running = ["good", replayed ? pace(feed.speed) : "Live"];
  const [shape, words] = PHASES[feed.phase] ?? running;
  byId("feed").dataset.state = shape;
  byId("feed").textContent = words;
  byId("market-time").textContent = feed.ts ? `${moment(feed.ts)} UTC` : "";
  const progress = byId("progress");
  progress.hidden = !replayed;
  if (replayed) progress.value = Math.max(0, (feed.ts - feed.first_ts) / Math.max(1, feed.last_ts - feed.first_ts));
  showAlarm(feed);
}

function showAlarm(feed) {
  const words = state.halted
    ? "Trading is halted: nothing is opened until a person has looked. The journal says why."
    : feed.phase === "stopped" ? feed.detail || "The feed stopped. Start it again with `barque up`." : "";
  byId("alarm").textContent = words;
  byId("alarm").hidden = !words;
}

function connection(shape, words) {
  byId("connection").dataset.state = shape;
  if (byId("connection").textContent !== words) byId("connection").textContent = words;
}

// Equity.

function showEquity() {
  const figures = performance(state);
  byId("curve-empty").hidden = Boolean(figures);
  if (!figures) return;
  showFigures(figures, desk.currency);
  if (curve.drawn) curve.append(state.equity);
  else curve.show(state.equity, figures.start, 0);
  byId("equity-note").textContent = `since ${shortMoment(state.equity[0].ts, true)}, start ${decimal(figures.start, 0, 2)}`;
  byId("curve").setAttribute("aria-label", `Equity curve of ${state.equity.length} points, now ${byId("equity").textContent}, ${byId("total").textContent} since the start`);
}

// Candles.

async function choose(id) {
  chosen = id;
  exhausted = false;
  byId("instrument").value = id;
  for (const button of document.querySelectorAll("button.instrument")) button.setAttribute("aria-current", button.dataset.instrument === id);
  const asked = state.feed?.ts ?? 0;
  const bars = await ask("bars", { instrument: id, limit: BARS });
  if (chosen !== id) return; // another was chosen meanwhile
  barsAt = asked;
  desk.daily = areDays(bars);
  candles.show(bars, desk.instruments.get(id), desk.daily);
  candles.mark(fillsOf(id));
  byId("candles-empty").hidden = bars.length > 0;
  showLegend();
  describeCandles();
  touch(["orders", "fills", "signals", "journal"]); // their dates may be written otherwise now
}

const areDays = (bars) => bars.length > 1 && bars.slice(1).every((bar, k) => bar.ts - bars[k].ts > 20 * 3600e9);

async function loadNewer() {
  await alone(async (id) => {
    const asked = state.feed.ts;
    const bars = await ask("bars", { instrument: id, limit: 60 });
    if (chosen !== id) return;
    barsAt = asked;
    const newest = candles.bars.at(-1)?.ts ?? 0;
    if (bars.length && bars[0].ts > newest) return choose(id); // too far behind: begin anew
    candles.append(bars);
    candles.mark(fillsOf(id));
    showLegend();
  });
}

async function loadOlder(before) {
  if (exhausted) return;
  await alone(async (id) => {
    const bars = await ask("bars", { instrument: id, limit: BARS, before });
    exhausted = bars.length === 0;
    if (chosen === id && bars.length) candles.prepend(bars);
  });
}

/** One request for bars at a time; a failed one is asked again with the next news. */
async function alone(work) {
  if (busy || !chosen) return;
  busy = true;
  try {
    await work(chosen);
  } catch (error) {
    connection("bad", error.message);
  } finally {
    busy = false;
  }
}

function showLegend(hovered) {
  const bar = hovered ?? candles.bars.at(-1);
  const instrument = desk.instruments.get(chosen);
  const legend = byId("legend");
  if (!bar) return legend.replaceChildren();
  legend.replaceChildren(
    shortMoment(bar.start, desk.daily),
    figure("O", price(bar.open, instrument)), figure("H", price(bar.high, instrument)),
    figure("L", price(bar.low, instrument)), figure("C", price(bar.close, instrument)),
    figure("V", compact(bar.volume)),
  );
}

function figure(name, text) {
  const element = document.createElement("span");
  const value = document.createElement("b");
  value.textContent = text;
  element.append(`${name} `, value);
  return element;
}

function describeCandles() {
  const bar = candles.bars.at(-1);
  if (!bar) return;
  const words = `Candles of ${chosen}: last close ${bar.close} at ${moment(bar.ts)} UTC; ${fillsOf(chosen).length} fills, buys marked below, sells above`;
  byId("candles").setAttribute("aria-label", words);
}

const fillsOf = (id) => state.fills.filter((fill) => fill.instrument === id);

function mostTraded() {
  const counts = new Map();
  for (const fill of state.fills) counts.set(fill.instrument, (counts.get(fill.instrument) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

// Choices.

function fillChoices(accounts, instruments) {
  const option = (value, text) => new Option(text, value);
  byId("account").replaceChildren(...accounts.map((account) => option(account.name, account.name)));
  byId("account").value = state.account.name;
  byId("instrument").replaceChildren(...instruments.map(({ id }) => option(id, id)));
}

byId("account").addEventListener("change", (event) => { location.search = new URLSearchParams({ account: event.target.value }); });
byId("instrument").addEventListener("change", (event) => choose(event.target.value));
byId("zoom-in").addEventListener("click", () => candles.zoom(0.6));
byId("zoom-out").addEventListener("click", () => candles.zoom(1.6));
byId("latest").addEventListener("click", () => candles.latest());
document.addEventListener("click", (event) => {
  const id = event.target.closest("button.instrument")?.dataset.instrument;
  if (id) choose(id);
});

async function untilItWorks(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      connection("bad", `${error.message} Trying again.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
}

await untilItWorks(start);
