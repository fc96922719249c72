// The two charts, drawn by Lightweight Charts in the colours of the page.

import {
  BaselineSeries, CandlestickSeries, ColorType, createChart, createSeriesMarkers, CrosshairMode,
} from "./vendor/lightweight-charts.mjs";
import { decimal } from "./words.js";

const seconds = (ts) => Math.floor(ts / 1e9);
const FIRST_VIEW = 120; // bars

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["panel", "line", "text", "quiet", "accent", "up", "down", "gridline"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function look(c) {
  return {
    layout: {
      attributionLogo: false, // the footer names and links TradingView
      background: { type: ColorType.Solid, color: c.panel },
      textColor: c.quiet,
      fontSize: 11,
      fontFamily: getComputedStyle(document.body).fontFamily,
    },
    grid: { vertLines: { color: c.gridline }, horzLines: { color: c.gridline } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: { color: c.quiet, labelBackgroundColor: c.quiet }, horzLine: { color: c.quiet, labelBackgroundColor: c.quiet } },
    rightPriceScale: { borderColor: c.line, entireTextOnly: true },
    timeScale: { borderColor: c.line, secondsVisible: false, rightOffset: 4, minBarSpacing: 1 },
  };
}

const translucent = (colour, share) => `${colour}${Math.round(share * 255).toString(16).padStart(2, "0")}`;

function onTheme(apply) {
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", apply);
}

/** Candles of one instrument, with its fills: buys below, sells above. */
export class Candles {
  constructor(element, { hovered, wantsOlder }) {
    this.element = element;
    this.bars = [];
    this.fills = [];
    this.chart = createChart(element, { autoSize: true, ...look(colours()) });
    this.series = this.chart.addSeries(CandlestickSeries);
    this.markers = createSeriesMarkers(this.series, []);
    this.dress();
    onTheme(() => this.dress());
    this.chart.subscribeCrosshairMove((move) => hovered(this.barAt(move.time)));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < 10 && this.bars.length) wantsOlder(this.bars[0].ts);
    });
  }

  dress() {
    const c = colours();
    this.chart.applyOptions(look(c));
    this.series.applyOptions({
      upColor: c.up, borderUpColor: c.up, wickUpColor: c.up,
      downColor: c.down, borderDownColor: c.down, wickDownColor: c.down,
    });
    this.mark();
  }

  /** Show other bars: of another instrument, or none. */
  show(bars, instrument, daily) {
    this.bars = bars;
    this.chart.timeScale().applyOptions({ timeVisible: !daily });
    const precision = instrument.price_decimals;
    this.series.applyOptions({ priceFormat: { type: "price", precision, minMove: 10 ** -precision } });
    this.series.setData(bars.map(candle));
    this.latest();
    this.mark();
  }

  /** Put older bars before those that are shown; the view stays where it is. */
  prepend(bars) {
    this.bars = [...bars, ...this.bars];
    this.series.setData(this.bars.map(candle));
    this.mark();
  }

  /** Add newer bars; what is known already is skipped. */
  append(bars) {
    const newest = this.bars.at(-1)?.ts ?? 0;
    const fresh = bars.filter((bar) => bar.ts > newest);
    for (const bar of fresh) this.series.update(candle(bar));
    this.bars.push(...fresh);
    if (fresh.length) this.mark();
  }

  mark(fills = this.fills) {
    this.fills = fills;
    if (!this.bars.length) return this.markers.setMarkers([]);
    const c = colours();
    const spots = new Map();
    for (const fill of fills) {
      const bar = this.barOf(fill.ts);
      if (bar) spots.set(`${bar.start}${fill.side}`, { bar, side: fill.side });
    }
    const markers = [...spots.values()].sort((a, b) => a.bar.start - b.bar.start).map(({ bar, side }) => ({
      time: seconds(bar.start),
      position: side === "BUY" ? "belowBar" : "aboveBar",
      shape: side === "BUY" ? "arrowUp" : "arrowDown",
      color: side === "BUY" ? c.accent : c.text,
    }));
    this.markers.setMarkers(markers);
    this.element.dataset.fills = markers.length;
  }

  /** The bar during which a fill happened, or undefined when it is not loaded. */
  barOf(ts) {
    let low = 0;
    let high = this.bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bars[middle].start <= ts) low = middle + 1; else high = middle;
    }
    const bar = this.bars[low - 1];
    return bar && (ts < bar.ts || low < this.bars.length || ts === bar.ts) ? bar : undefined;
  }

  barAt(time) {
    return time === undefined ? undefined : this.bars.findLast((bar) => seconds(bar.start) === time);
  }

  latest() {
    const to = this.bars.length + 3;
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(-2, to - FIRST_VIEW), to });
  }

  zoom(factor) {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range) scale.setVisibleLogicalRange({ from: range.to - (range.to - range.from) * factor, to: range.to });
  }
}

/** The equity curve, against what the account started with. */
export class Curve {
  constructor(element) {
    this.drawn = 0;
    this.chart = createChart(element, { autoSize: true, ...look(colours()) });
    this.chart.timeScale().applyOptions({ timeVisible: true });
    this.series = this.chart.addSeries(BaselineSeries, { lineWidth: 2, priceLineVisible: false });
    this.dress();
    onTheme(() => this.dress());
  }

  dress() {
    const c = colours();
    this.chart.applyOptions(look(c));
    this.series.applyOptions({
      topLineColor: c.up, topFillColor1: translucent(c.up, 0.22), topFillColor2: translucent(c.up, 0.02),
      bottomLineColor: c.down, bottomFillColor1: translucent(c.down, 0.02), bottomFillColor2: translucent(c.down, 0.22),
    });
  }

  show(points, start, decimals) {
    const formatter = (value) => decimal(value, decimals);
    this.series.applyOptions({ baseValue: { type: "price", price: start }, priceFormat: { type: "custom", formatter, minMove: 0.01 } });
    this.series.setData(bySecond(points).map(spot));
    this.drawn = points.at(-1)?.ts ?? 0;
    this.chart.timeScale().fitContent();
  }

  append(points) {
    const first = points.findLastIndex((point) => point.ts <= this.drawn) + 1;
    for (const point of points.slice(first)) this.series.update(spot(point));
    if (first < points.length) this.chart.timeScale().fitContent();
    this.drawn = points.at(-1)?.ts ?? 0;
  }
}

const spot = (point) => ({ time: seconds(point.ts), value: Number(point.equity) });

const bySecond = (points) => points.filter((point, k) => seconds(point.ts) !== seconds(points[k + 1]?.ts ?? 0));

function candle(bar) {
  return {
    time: seconds(bar.start),
    open: Number(bar.open), high: Number(bar.high), low: Number(bar.low), close: Number(bar.close),
  };
}
