"""Simulations as one self-contained SVG: demand and what was served, replicas, waiting."""

import math
from collections.abc import Callable, Sequence
from html import escape

from barque.deployment.scaling.simulator import Simulation

WIDTH, LEFT, RIGHT = 960, 64, 24
HEAD, PANEL, GAP, FOOT = 72, 120, 40, 38
BLOCK = HEAD + 3 * PANEL + 2 * GAP + FOOT
POINTS = 480
WAITING_FLOOR, WAITING_CEILING = 0.001, 1_000.0

STYLE = """
svg { --ground:#ffffff; --ink:#1c2430; --faint:#6b7684; --rule:#e3e7ec; --demand:#9aa6b4;
  --served:#1769aa; --wished:#b8560f; --ready:#e9a15b; --waiting:#7a3e9d; --late:#fbeceb; }
@media (prefers-color-scheme: dark) { svg { --ground:#12161c; --ink:#e6eaf0; --faint:#8f9bab;
  --rule:#2a323d; --demand:#66717f; --served:#5aaeea; --wished:#f0924a; --ready:#8a5a2a;
  --waiting:#c08be0; --late:#3a2023; } }
text { font: 12px system-ui, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
.title { font-size: 17px; font-weight: 650; } .small { fill: var(--faint); font-size: 11px; }
.rule { stroke: var(--rule); } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
"""

Scale = Callable[[float], float]


def picture(simulations: Sequence[Simulation]) -> str:
    """Return an SVG with one block a simulation, light or dark as the reader's screen is."""
    height = BLOCK * len(simulations) + 16
    blocks = "".join(_block(one, k * BLOCK + 8) for k, one in enumerate(simulations))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img"><style>{STYLE}</style>'
        f'<rect width="{WIDTH}" height="{height}" fill="var(--ground)"/>{blocks}</svg>\n'
    )


def _block(one: Simulation, top: float) -> str:
    seconds = len(one.demand)
    tops = [top + HEAD + k * (PANEL + GAP) for k in range(3)]
    x = _linear(0, max(seconds - 1, 1), LEFT, WIDTH - RIGHT)
    return "".join(
        (
            _heading(one, top),
            _late(one, x, tops[0], tops[2] + PANEL),
            _demand(one, x, tops[0]),
            _replicas(one, x, tops[1]),
            _waits(one, x, tops[2]),
            _minutes(seconds, x, tops[2] + PANEL),
        )
    )


def _heading(one: Simulation, top: float) -> str:
    facts = (
        f"most {one.most} replicas · {_times(len(one.changes), 'change')}, "
        f"{_times(one.flaps, 'turn')} · "
        f"above {one.patience:g} s {one.late_share:.1%} of the time · ${one.dollars:.2f} · "
        f"{one.interrupted} accounts interrupted"
    )
    return (
        f'<text class="title" x="{LEFT}" y="{top + 20}">{escape(one.role)}: '
        f"{escape(one.words)}</text>"
        f'<text class="small" x="{LEFT}" y="{top + 38}">{escape(facts)}</text>'
    )


def _demand(one: Simulation, x: Scale, top: float) -> str:
    highest = _nice(max(*one.demand, *one.served, 1e-9))
    y = _linear(0, highest, top + PANEL, top)
    return (
        _axis(top, [(y(v), f"{v:,.4g}") for v in (0, highest / 2, highest)])
        + _caption(top, ("events a second asked for", "demand"), ("served", "served"))
        + _line(one.demand, x, y, "demand")
        + _line(one.served, x, y, "served")
    )


def _replicas(one: Simulation, x: Scale, top: float) -> str:
    highest = _nice(max(*one.wished, *one.ready, 1))
    y = _linear(0, highest, top + PANEL, top)
    return (
        _axis(top, [(y(v), f"{v:,.4g}") for v in (0, highest / 2, highest)])
        + _caption(top, ("replicas wished", "wished"), ("ready", "ready"))
        + _line(one.ready, x, y, "ready", stepped=True)
        + _line(one.wished, x, y, "wished", stepped=True)
    )


def _waits(one: Simulation, x: Scale, top: float) -> str:
    flat = _linear(math.log(WAITING_FLOOR), math.log(WAITING_CEILING), top + PANEL, top)

    def y(seconds: float) -> float:
        return flat(math.log(min(max(seconds, WAITING_FLOOR), WAITING_CEILING)))

    marks = [(y(v), words) for v, words in ((0.001, "1 ms"), (1.0, "1 s"), (1_000.0, "1,000 s"))]
    return (
        _axis(top, marks)
        + _caption(top, ("time in the system, 99th percentile", "waiting"))
        + _line(one.waiting, x, y, "waiting")
    )


def _times(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _late(one: Simulation, x: Scale, top: float, bottom: float) -> str:
    """Return bands behind the seconds in which waiting was above the patience."""
    bands, began = [], None
    for second, waiting in enumerate([*one.waiting, 0.0]):
        if waiting > one.patience and began is None:
            began = second
        elif waiting <= one.patience and began is not None:
            left, right = x(began), min(x(second), WIDTH - RIGHT)
            bands.append(
                f'<rect x="{left:.1f}" y="{top}" width="{max(right - left, 1):.1f}" '
                f'height="{bottom - top}" fill="var(--late)"/>'
            )
            began = None
    return "".join(bands)


def _axis(top: float, marks: Sequence[tuple[float, str]]) -> str:
    return "".join(
        f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'
        for y, words in marks
    )


def _caption(top: float, *entries: tuple[str, str]) -> str:
    parts, left = [], float(LEFT)
    for words, colour in entries:
        parts.append(
            f'<rect x="{left}" y="{top - 15}" width="10" height="3" fill="var(--{colour})"/>'
            f'<text class="small" x="{left + 15}" y="{top - 10}">{words}</text>'
        )
        left += 15 + 6.2 * len(words) + 18
    return "".join(parts)


def _line(
    values: Sequence[float], x: Scale, y: Scale, colour: str, *, stepped: bool = False
) -> str:
    points, last = [], None
    for second, value in _thinned(values, keep_all=stepped):
        if stepped and last is not None:
            points.append(f"{x(second):.1f},{y(last):.1f}")
        points.append(f"{x(second):.1f},{y(value):.1f}")
        last = value
    return f'<polyline class="line" stroke="var(--{colour})" points="{" ".join(points)}"/>'


def _thinned(values: Sequence[float], *, keep_all: bool) -> list[tuple[int, float]]:
    """Return every change of a stepped line, and of any other the extremes of each stretch."""
    last = len(values) - 1
    if keep_all:
        changes = [k for k in range(len(values)) if k in (0, last) or values[k] != values[k - 1]]
        return [(k, values[k]) for k in changes]
    stretch = max(1, math.ceil(len(values) / POINTS * 2))
    kept = {0, last}
    for begin in range(0, len(values), stretch):
        span = range(begin, min(begin + stretch, len(values)))
        kept |= {min(span, key=values.__getitem__), max(span, key=values.__getitem__)}
    return [(k, values[k]) for k in sorted(kept)]


def _minutes(seconds: int, x: Scale, bottom: float) -> str:
    step = 600 if seconds <= 2 * 3_600 else 3_600
    return "".join(
        f'<text class="small" x="{x(s):.1f}" y="{bottom + 16}" text-anchor="middle">'
        f"{s // 60} min</text>"
        for s in range(0, seconds + 1, step)
    )


def _linear(low: float, high: float, begin: float, end: float) -> Scale:
    return lambda value: begin + (value - low) / (high - low) * (end - begin)


def _nice(value: float) -> float:
    """Return the next number of the series 1, 2, 4, 5, 10 at or above a value."""
    scale = 10 ** math.floor(math.log10(value))
    return next(float(k * scale) for k in (1, 2, 4, 5, 10) if k * scale >= value * (1 - 1e-9))
