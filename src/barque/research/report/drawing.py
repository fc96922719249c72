"""Pictures as inline SVG that a page may stretch, with words beside them as HTML.

A drawing is 1,000 by 1,000 units, stretched to any width and height; lines keep their thickness
and words, which lie over it, their shape. What a pointer shows is in a JSON block of the figure.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from barque.kernels.arrays import FloatArray, IntArray
from barque.research.report.scales import HEIGHT, WIDTH, Scale, time_ticks
from barque.research.statistics.definitions import Form

MILLISECOND = 10**6
CROWD = 90
"""More marks than this in one picture are drawn small."""

UNITS = ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""From which size on numbers are written in what unit, and its letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a picture. `kind` is a class of the page's style, `area` fills down to zero."""

    name: str
    kind: str
    values: FloatArray
    area: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture, its title, what it means, and how tall it is in pixels."""

    title: str
    words: str
    drawing: str
    form: Form
    scale: Scale
    x_ticks: Sequence[tuple[float, str]]
    height: int = 220
    legend: Sequence[tuple[str, str]] = ()
    """(kind, name) of what is drawn."""
    points: dict[str, object] = field(default_factory=dict)
    """What a pointer shows: `x` from 0 to 1, `labels` or `t` in ms, and `lines`."""


def line_figure(
    title: str,
    words: str,
    ts: IntArray,
    lines: Sequence[Line],
    scale: Scale,
    form: Form,
    *,
    height: int = 220,
    step: bool = False,
) -> Figure:
    """Draw values over time, ts in ns UTC."""
    start, end = int(ts[0]), int(ts[-1])
    x = (ts - start) / max(1, end - start)
    return Figure(
        title=title,
        words=words,
        drawing="".join(_line(x, line, scale, step) for line in reversed(lines)),
        form=form,
        scale=scale,
        x_ticks=time_ticks(start, end),
        height=height,
        legend=[(line.kind, line.name) for line in lines] if len(lines) > 1 else (),
        points={
            "x": _numbers(x, 5),
            "t": (ts // MILLISECOND).tolist(),
            "lines": [
                {"name": line.name, "kind": line.kind, "v": _numbers(line.values, 6)}
                for line in lines
            ],
        },
    )


def bar_figure(
    title: str,
    words: str,
    labels: Sequence[str],
    values: FloatArray,
    form: Form,
    *,
    kinds: Sequence[str],
    x_ticks: Sequence[tuple[float, str]],
    height: int = 180,
    name: str = "",
    extra: str = "",
) -> Figure:
    """Draw a bar for each value from zero on; `labels` say what each one is."""
    scale = _bars_scale(values)
    width, zero = WIDTH / max(1, len(values)), float(scale.place(0.0))
    tops = scale.place(values)
    rects = "".join(
        f'<rect class="{kind}" x="{k * width + width * 0.08:.1f}" y="{min(top, zero):.1f}" '
        f'width="{width * 0.84:.2f}" height="{max(abs(top - zero), 0.5):.1f}"/>'
        for k, (top, kind) in enumerate(zip(tops.tolist(), kinds, strict=True))
    )
    centres = (np.arange(len(values)) + 0.5) / max(1, len(values))
    return Figure(
        title=title,
        words=words,
        drawing=rects + extra,
        form=form,
        scale=scale,
        x_ticks=x_ticks,
        height=height,
        points={
            "x": _numbers(centres, 5),
            "labels": list(labels),
            "lines": [{"name": name, "kind": "own", "v": _numbers(values, 6)}],
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Candles (n, 4) beside each other, and the trades made in each; NaN where there was none."""

    starts: IntArray
    prices: FloatArray
    bought: FloatArray
    sold: FloatArray
    buys: IntArray
    sells: IntArray


def candle_figure(title: str, words: str, candles: Candles, *, height: int = 300) -> Figure:
    """Draw candles with what was bought (a dot) and sold (a square), at the prices paid."""
    prices = candles.prices
    scale = scale_of_candles(candles)
    y = scale.place(prices)
    width = WIDTH / len(prices)
    body = "".join(_candle(k, width, row) for k, row in enumerate(y.tolist()))
    marks = _marks(width, scale, candles.bought, "buy") + _marks(width, scale, candles.sold, "sell")
    centres = (np.arange(len(prices)) + 0.5) / len(prices)
    return Figure(
        title=title,
        words=words,
        drawing=body + marks,
        form=Form.RATIO,
        scale=scale,
        x_ticks=_candle_ticks(candles.starts),
        height=height,
        legend=(("buy", "bought"), ("sell", "sold")),
        points={
            "x": _numbers(centres, 5),
            "t": (candles.starts // MILLISECOND).tolist(),
            "lines": [
                {"name": name, "kind": "", "v": _numbers(prices[:, column], 8)}
                for column, name in enumerate(("open", "high", "low", "close"))
            ]
            + [
                {"name": "bought at", "kind": "buy", "v": _numbers(candles.bought, 8),
                 "n": candles.buys.tolist()},
                {"name": "sold at", "kind": "sell", "v": _numbers(candles.sold, 8),
                 "n": candles.sells.tolist()},
            ],
        },
    )  # fmt: skip


def scale_of_candles(candles: Candles) -> Scale:
    """Return a scale on which candles and trades fit; logarithmic where prices changed much."""
    values = np.concatenate([candles.prices.ravel(), candles.bought, candles.sold])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    if low > 0 and high > 4 * low:
        return Scale(low / 1.05, high * 1.05, is_logarithmic=True)
    room = (high - low) * 0.06 or high * 0.01
    return Scale(low - room, high + room)


def html(figure: Figure) -> str:
    """Return a figure as HTML."""
    legend = "".join(
        f'<span class="key {kind}"><i></i>{escape(name)}</span>' for kind, name in figure.legend
    )
    ticks = [(float(figure.scale.place(tick)) / HEIGHT, tick) for tick in figure.scale.ticks()]
    grid = "".join(
        f'<line class="{"zero" if tick == 0 else "grid"}" x1="0" x2="1000" '
        f'y1="{place * HEIGHT:.1f}" y2="{place * HEIGHT:.1f}"/>'
        for place, tick in ticks
    )
    numbers = "".join(
        f'<span class="y" style="top:{place:.2%}">{_tick(tick, figure.form, figure.scale)}</span>'
        for place, tick in ticks
    )
    times = "".join(
        f'<span class="x" style="left:{place:.2%}">{escape(words)}</span>'
        for place, words in _spread_out(figure.x_ticks)
    )
    said = escape(f"{figure.title}. {figure.words}", quote=True)
    return (
        f'<figure class="chart" data-form="{figure.form}"><figcaption><h3>{escape(figure.title)}'
        f'</h3><span class="legend">{legend}</span><p>{escape(figure.words)}</p></figcaption>'
        f'<div class="plot" style="height:{figure.height}px"><svg viewBox="0 0 1000 1000" '
        f'preserveAspectRatio="none" role="img" aria-label="{said}">{grid}{figure.drawing}</svg>'
        f'{numbers}<div class="times">{times}</div><div class="cursor" hidden></div></div>'
        f'<div class="tip" hidden></div>{_json(figure.points)}</figure>'
    )


def _line(x: FloatArray, line: Line, scale: Scale, step: bool) -> str:
    y = scale.place(line.values)
    known = np.isfinite(y)
    points = [f"{a * WIDTH:.1f} {b:.1f}" for a, b in zip(x[known], y[known], strict=True)]
    if not points:
        return ""
    path = _stepped(x[known] * WIDTH, y[known]) if step else "M" + "L".join(points)
    drawn = f'<path class="line {line.kind}" d="{path}"/>'
    if not line.area:
        return drawn
    zero = float(np.clip(scale.place(0.0), 0.0, HEIGHT)) if not scale.is_logarithmic else HEIGHT
    first, last = x[known][0] * WIDTH, x[known][-1] * WIDTH
    area = f"{path}L{last:.1f} {zero:.1f}L{first:.1f} {zero:.1f}Z"
    return f'<path class="area {line.kind}" d="{area}"/>{drawn}'


def _stepped(x: FloatArray, y: FloatArray) -> str:
    moves = "".join(f"H{a:.1f}V{b:.1f}" for a, b in zip(x[1:], y[1:], strict=True))
    return f"M{x[0]:.1f} {y[0]:.1f}{moves}"


def _candle(k: int, width: float, row: list[float]) -> str:
    opened, high, low, close = row
    kind = "up" if close <= opened else "down"
    centre, top = (k + 0.5) * width, min(opened, close)
    return (
        f'<path class="wick {kind}" d="M{centre:.1f} {high:.1f}V{low:.1f}"/>'
        f'<rect class="{kind}" x="{(k + 0.15) * width:.1f}" y="{top:.1f}" '
        f'width="{width * 0.7:.2f}" height="{max(abs(opened - close), 1.0):.1f}"/>'
    )


def _marks(width: float, scale: Scale, prices: FloatArray, kind: str) -> str:
    """Draw points that keep their shape however the drawing is stretched: lines of no length."""
    there = np.flatnonzero(np.isfinite(prices))
    y = scale.place(prices[there])
    path = "".join(f"M{(k + 0.5) * width:.1f} {at:.1f}h.01" for k, at in zip(there, y, strict=True))
    many = " many" * (len(there) > CROWD)
    return f'<path class="rim{many}" d="{path}"/><path class="mark {kind}{many}" d="{path}"/>'


def _bars_scale(values: FloatArray) -> Scale:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = (high - low) * 0.06 or 1.0
    return Scale(low - room if low < 0 else 0.0, high + room if high > 0 else 0.0)


def _candle_ticks(starts: IntArray) -> list[tuple[float, str]]:
    """Return times under candles, which stand beside each other whatever lies between them."""
    span = max(1, int(starts[-1] - starts[0]))
    found = []
    for place, words in time_ticks(int(starts[0]), int(starts[-1])):
        k = int(np.searchsorted(starts, starts[0] + place * span))
        found.append(((k + 0.5) / len(starts), words))
    return found


def _spread_out(ticks: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """Leave out words that would lie outside or on each other."""
    found: list[tuple[float, str]] = []
    for place, words in ticks:
        if 0.02 < place < 0.98 and (not found or place - found[-1][0] > 0.07):
            found.append((place, words))
    return found


def _tick(value: float, form: Form, scale: Scale) -> str:
    span = scale.high - scale.low
    if form == Form.PERCENT:
        return f"{value:.{0 if span > 0.04 else 1 if span > 0.004 else 2}%}"
    size = max(abs(scale.low), abs(scale.high))
    for limit, unit, letter in (
        (1e12, 1e12, "T"),
        (1e9, 1e9, "B"),
        (1e6, 1e6, "M"),
        (1e4, 1e3, "k"),
    ):
        if size >= limit:
            return f"{value / unit:.4g}{letter}" if value else "0"
    digits = 0 if span > 20 else 1 if span > 2 else 2 if span > 0.2 else 4
    return f"{value:,.6g}" if scale.is_logarithmic else f"{value:,.{digits}f}"


def _numbers(values: FloatArray, digits: int) -> list[float | None]:
    """Return numbers for JSON, with so many significant digits."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in values.tolist()]


def _json(points: dict[str, object]) -> str:
    text = json.dumps(points, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'
