"""What the points of a sweep came to, as one SVG: plateaus and needles.

One parameter: a line of the objective and one of its plateau. Two: two heat maps. More, or points
that were drawn: a panel a parameter, with every point as a dot and the median of each value.
Bright is good in every picture; a ring marks the choice, a cross the best single point.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from barque.kernels.arrays import FloatArray
from barque.research.report.scales import Scale, scale_of
from barque.research.statistics.definitions import DEFINITIONS, Form, written
from barque.research.sweep.measuring import SMALLER_IS_BETTER
from barque.research.sweep.ranking import Ranking
from barque.research.sweep.space import Axis, Space

WIDTH, TOP, GAP = 960.0, 92.0, 70.0
LEFT, RIGHT, BOTTOM = 64.0, 24.0, 56.0
MOST_CELLS = 120
"""Values of an axis that a heat map shows; of more, it shows every second, third ..."""
MOST_DOTS = 3_000
TICKS = 8

RAMP = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""From bad to good, as light as it is good (viridis, van der Walt and Smith, 2015)."""

STYLE = """
 .sweep text { font: 12px system-ui, sans-serif; fill: #17202b }
 .sweep .title { font-size: 15px; font-weight: 600 } .sweep .quiet { fill: #556274 }
 .sweep .back { fill: #fff } .sweep .rule { stroke: #dfe5ec } .sweep .none { fill: #d5dae0 }
 .sweep .own { stroke: #1463b8; fill: none; stroke-width: 1.2; opacity: .55 }
 .sweep .plateau { stroke: #a0620c; fill: none; stroke-width: 2.4 }
 .sweep .dot { fill: #1463b8; opacity: .35 } .sweep .key { stroke-width: 3 }
 .sweep .rim { fill: none; stroke: #fff; stroke-width: 5 }
 .sweep .mark { fill: none; stroke: #c2323d; stroke-width: 2.4 }
 @media (prefers-color-scheme: dark) {
  .sweep text { fill: #dbe2ea } .sweep .quiet { fill: #93a0b0 } .sweep .back { fill: #141a22 }
  .sweep .rule { stroke: #252e3a } .sweep .none { fill: #3a4452 }
  .sweep .own { stroke: #6cb6ee } .sweep .plateau { stroke: #e3b341 } .sweep .dot { fill: #6cb6ee }
  .sweep .rim { stroke: #141a22 } .sweep .mark { stroke: #ff7b84 } }
"""


def svg(space: Space, ranking: Ranking, is_refused: FloatArray, chosen: int | None) -> str:
    """Return the picture; `is_refused` is not 0 for points that the strategy did not take."""
    if space.is_grid and len(space.axes) == 1:
        parts, height = _lines(space, ranking, chosen)
    elif space.is_grid and len(space.axes) == 2:
        parts, height = _maps(space, ranking, is_refused, chosen)
    else:
        parts, height = _panels(space, ranking, chosen)
    label = DEFINITIONS[ranking.objective].label
    known = int(np.isfinite(ranking.values).sum())
    said = f"{known:,} of {len(space):,} points have one; {_marks_in_words(ranking, chosen)}"
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="sweep" viewBox="0 0 {WIDTH:g} '
            f'{height:g}" role="img" aria-label="{escape(label)} of every point of the sweep">',
            f'<style>{STYLE}</style><rect class="back" width="{WIDTH:g}" height="{height:g}"/>',
            _text(16, 28, f"{label} by {_and(space)}", "title"),
            _text(16, 48, said, "quiet"),
            *parts,
            "</svg>\n",
        )
    )


def section(
    space: Space, ranking: Ranking, is_refused: FloatArray, answer: Mapping[str, Any]
) -> str:
    """Return picture and words for the page of the chosen point, as HTML."""
    luck, held = answer["luck"], answer["held_out"]
    chance = luck["deflated_sharpe"]
    words = [
        f"Chosen among {len(space):,} points by the median of the "
        f"{DEFINITIONS[ranking.objective].label} over each point and its neighbours. "
        f"These data were looked at {luck['trials']:,} times."
    ]
    if luck["expected_best"] is not None:
        words.append(
            f"The best of as many trials without any skill would show a Sharpe ratio of "
            f"{luck['expected_best']:.2f}; this one shows {written('sharpe', luck['sharpe'])}. "
            + (f"The chance that the true one is above that is {chance:.1%} (deflated Sharpe "
               "ratio, Bailey and López de Prado, 2014)." if chance is not None else "")
        )  # fmt: skip
    if held is not None:
        words.append(
            "On the time that was held out, which begins with an empty account and a strategy that "
            f"knows nothing, it shows a Sharpe ratio of {written('sharpe', held['sharpe'])} and a "
            f"total return of {written('total_return', held['total_return'])} "
            f"(run {answer['runs'][1]})."
        )
    said = "".join(f"<p>{escape(part)}</p>" for part in words)
    return f'{said}<div class="chart">{svg(space, ranking, is_refused, answer["chosen"])}</div>'


def _marks_in_words(ranking: Ranking, chosen: int | None) -> str:
    if chosen is None:
        return "nothing is chosen yet"
    if len(ranking.by_value) and int(ranking.by_value[0]) == chosen:
        return "the ring is the choice, which is the best single point too"
    return "the ring is the choice, the cross the best single point"


def _and(space: Space) -> str:
    *first, last = [axis.name for axis in space.axes]
    return f"{', '.join(first)} and {last}" if first else last


def _lines(space: Space, ranking: Ranking, chosen: int | None) -> tuple[list[str], float]:
    axis = space.axes[0]
    wide, tall = WIDTH - LEFT - RIGHT, 260.0
    scale = _scale(ranking.values, ranking.plateaus)
    places = np.arange(len(axis.values)) / max(1, len(axis.values) - 1)
    parts = [*_frame(LEFT, wide, tall, scale, ranking.objective)]
    parts += _line_ticks(axis, LEFT, wide, tall)
    for kind, values in (("own", ranking.values), ("plateau", ranking.plateaus)):
        parts.append(_path(kind, LEFT + places * wide, TOP + scale.place(values) / 1000 * tall))
    best = int(ranking.by_value[0]) if len(ranking.by_value) else None
    for kind, number in (("cross", best), ("ring", chosen)):
        if number is not None and math.isfinite(float(ranking.values[number])):
            y = TOP + float(scale.place(ranking.values[number])) / 1000 * tall
            parts.append(_mark(kind, LEFT + float(places[number]) * wide, y))
    parts += _key(WIDTH - 290, 48, (("own", "each point"), ("plateau", "median around it")))
    parts.append(_text(LEFT + wide / 2, TOP + tall + 42, axis.name, "quiet", "middle"))
    return parts, TOP + tall + BOTTOM


def _maps(
    space: Space, ranking: Ranking, is_refused: FloatArray, chosen: int | None
) -> tuple[list[str], float]:
    wide, tall = (WIDTH - 2 * LEFT - RIGHT - GAP) / 2, 340.0
    low, high = _reach(ranking.values)
    parts: list[str] = []
    best = int(ranking.by_value[0]) if len(ranking.by_value) else None
    for k, (title, values) in enumerate(
        (
            ("each point", ranking.values),
            ("median of each point and its neighbours", ranking.plateaus),
        )
    ):
        left = LEFT + k * (wide + GAP + 24)
        parts.append(_text(left, TOP - 10, title, "quiet"))
        parts += _cells(space, ranking, values, is_refused, (left, wide, tall), (low, high))
        parts += _map_ticks(space, left, wide, tall)
        for kind, number in (("cross", best), ("ring", chosen)):
            if number is not None:
                parts.append(_mark(kind, *_centre(space, number, left, wide, tall)))
    parts += _ramp(ranking, low, high, TOP + tall + 62)
    return parts, TOP + tall + 104


def _panels(space: Space, ranking: Ranking, chosen: int | None) -> tuple[list[str], float]:
    columns = min(len(space.axes), 2)
    wide, tall = (WIDTH - columns * LEFT - RIGHT) / columns - 20, 180.0
    known = np.flatnonzero(np.isfinite(ranking.values))
    shown = known[:: max(1, -(-len(known) // MOST_DOTS))]
    scale = _scale(ranking.values)
    drawn = np.array([list(space.point(int(k)).values()) for k in shown]).reshape(
        -1, len(space.axes)
    )
    parts: list[str] = []
    rows = -(-len(space.axes) // columns)
    for k, axis in enumerate(space.axes):
        left, down = LEFT + (k % columns) * (wide + LEFT + 20), (k // columns) * (tall + 66)
        low, high = _ends(axis)
        x = left + (drawn[:, k] - low) / max(high - low, 1e-300) * wide
        y = TOP + scale.place(ranking.values[shown]) / 1000 * tall
        dots = "".join(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.6"/>' for a, b in zip(x, y, strict=True)
        )
        line = _medians(drawn[:, k], ranking.values[shown], axis)
        body = [*_frame(left, wide, tall, scale, ranking.objective), f'<g class="dot">{dots}</g>']
        body.append(
            _path(
                "plateau",
                left + (line[0] - low) / max(high - low, 1e-300) * wide,
                TOP + scale.place(line[1]) / 1000 * tall,
            )
        )
        body += _value_ticks(left, wide, tall, low, high)
        best = int(ranking.by_value[0]) if len(ranking.by_value) else None
        for kind, number in (("cross", best), ("ring", chosen)):
            if number is not None and math.isfinite(float(ranking.values[number])):
                value = list(space.point(number).values())[k]
                body.append(
                    _mark(
                        kind,
                        left + (value - low) / max(high - low, 1e-300) * wide,
                        TOP + float(scale.place(ranking.values[number])) / 1000 * tall,
                    )
                )
        body.append(_text(left + wide / 2, TOP + tall + 40, axis.name, "quiet", "middle"))
        parts.append(f'<g transform="translate(0 {down:g})">{"".join(body)}</g>')
    parts += _key(WIDTH - 250, 48, (("plateau", "median of all at a value"),))
    return parts, TOP + rows * (tall + 66)


def _medians(at: FloatArray, values: FloatArray, axis: Axis) -> tuple[FloatArray, FloatArray]:
    """Return the median of the objective at each value of an axis, or in each of ten stretches."""
    if axis.values and len(axis.values) <= 50:
        edges = np.array(axis.values, np.float64)
        groups = np.searchsorted(edges, at)
        centres = edges
    else:
        low, high = _ends(axis)
        edges = np.linspace(low, high, 11)
        groups = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, 9)
        centres = (edges[1:] + edges[:-1]) / 2
    there = [k for k in range(len(centres)) if (groups == k).any()]
    return centres[there], np.array([np.median(values[groups == k]) for k in there])


def _cells(
    space: Space,
    ranking: Ranking,
    values: FloatArray,
    is_refused: FloatArray,
    box: tuple[float, float, float],
    reach: tuple[float, float],
) -> Iterator[str]:
    left, wide, tall = box
    across, up = _shown(space.axes[1]), _shown(space.axes[0])
    width, height = wide / len(across), tall / len(up)
    flip = _is_flipped(ranking)
    for row, i in enumerate(up):
        for column, j in enumerate(across):
            number = space.number_of((i, j))
            if is_refused[number]:
                continue
            value = float(values[number])
            paint = 'class="none"'
            if math.isfinite(value):
                paint = f'style="fill:{_colour(value, *reach, flip)}"'
            said = ", ".join(f"{name} {at:g}" for name, at in space.point(number).items())
            worth = written(ranking.objective, value if math.isfinite(value) else None)
            yield (
                '<rect shape-rendering="crispEdges" '
                f'x="{left + column * width:.2f}" y="{TOP + tall - (row + 1) * height:.2f}" '
                f'width="{width + 0.3:.2f}" height="{height + 0.3:.2f}" {paint}>'
                f"<title>{escape(said)}: {worth}</title></rect>"
            )


def _centre(
    space: Space, number: int, left: float, wide: float, tall: float
) -> tuple[float, float]:
    i, j = space.places(number)
    rows, columns = len(space.axes[0].values), len(space.axes[1].values)
    return left + (j + 0.5) / columns * wide, TOP + tall - (i + 0.5) / rows * tall


def _map_ticks(space: Space, left: float, wide: float, tall: float) -> Iterator[str]:
    rows, columns = space.axes
    for place, value in _spread(rows):
        yield _text(left - 8, TOP + tall - place * tall + 4, f"{value:g}", "quiet", "end")
    for place, value in _spread(columns):
        yield _text(left + place * wide, TOP + tall + 18, f"{value:g}", "quiet", "middle")
    yield _text(left + wide / 2, TOP + tall + 38, columns.name, "quiet", "middle")
    middle = TOP + tall / 2
    yield (
        f'<text class="quiet" text-anchor="middle" transform="translate({left - 46:g} {middle:g}) '
        f'rotate(-90)">{escape(rows.name)}</text>'
    )


def _spread(axis: Axis) -> list[tuple[float, float]]:
    """Return (place from 0 to 1, value) of cells to be named."""
    step = -(-len(axis.values) // TICKS)
    return [
        ((k + 0.5) / len(axis.values), axis.values[k]) for k in range(0, len(axis.values), step)
    ]


def _shown(axis: Axis) -> range:
    return range(0, len(axis.values), -(-len(axis.values) // MOST_CELLS))


def _line_ticks(axis: Axis, left: float, wide: float, tall: float) -> Iterator[str]:
    step = -(-len(axis.values) // TICKS)
    for k in range(0, len(axis.values), step):
        x = left + k / max(1, len(axis.values) - 1) * wide
        yield _text(x, TOP + tall + 20, f"{axis.values[k]:g}", "quiet", "middle")


def _value_ticks(left: float, wide: float, tall: float, low: float, high: float) -> Iterator[str]:
    for value in Scale(low, high).ticks():
        place = (value - low) / max(high - low, 1e-300)
        yield _text(left + place * wide, TOP + tall + 20, f"{value:.4g}", "quiet", "middle")


def _frame(left: float, wide: float, tall: float, scale: Scale, name: str) -> Iterator[str]:
    for tick in scale.ticks():
        y = TOP + float(scale.place(tick)) / 1000 * tall
        yield f'<path class="rule" d="M{left:g} {y:.1f}h{wide:g}"/>'
        yield _text(left - 8, y + 4, _short(name, tick), "quiet", "end")


def _ramp(ranking: Ranking, low: float, high: float, y: float) -> Iterator[str]:
    """Yield the key to the colours."""
    steps, wide = 60, 260.0
    flip = _is_flipped(ranking)
    for k in range(steps):
        value = low + (high - low) * (k + 0.5) / steps
        yield (
            f'<rect x="{LEFT + k * wide / steps:.2f}" y="{y:g}" width="{wide / steps + 0.3:.2f}" '
            f'height="12" style="fill:{_colour(value, low, high, flip)}"/>'
        )
    for share in (0.0, 0.5, 1.0):
        said = _short(ranking.objective, low + (high - low) * share)
        yield _text(LEFT + share * wide, y + 28, said, "quiet", "middle")
    yield f'<rect class="none" x="{LEFT + wide + 40:g}" y="{y:g}" width="12" height="12"/>'
    yield _text(LEFT + wide + 58, y + 11, "no value", "quiet")
    yield _text(LEFT + wide + 130, y + 11, "left empty: refused by the strategy", "quiet")


def _mark(kind: str, x: float, y: float) -> str:
    shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" class="{{}}"/>'
    if kind == "cross":
        shape = f'<path d="M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12" class="{{}}"/>'
    return shape.format("rim") + shape.format("mark")


def _path(kind: str, x: FloatArray, y: FloatArray) -> str:
    known = np.isfinite(y)
    points = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x[known], y[known], strict=True))
    return f'<path class="{kind}" d="M{points}"/>' if points else ""


def _key(x: float, y: float, kinds: Sequence[tuple[str, str]]) -> Iterator[str]:
    for k, (kind, name) in enumerate(kinds):
        yield f'<path class="{kind} key" d="M{x + 120 * k:g} {y - 4:g}h18"/>'
        yield _text(x + 24 + 120 * k, y, name, "quiet")


def _scale(*values: FloatArray) -> Scale:
    known = [one[np.isfinite(one)] for one in values if np.isfinite(one).any()]
    return scale_of(*known) if known else Scale(0.0, 1.0)


def _reach(values: FloatArray) -> tuple[float, float]:
    """Return the ends of the colours, between which all but the outermost values lie."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = (float(end) for end in np.quantile(known, (0.02, 0.98)))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ends(axis: Axis) -> tuple[float, float]:
    low, high = (axis.values[0], axis.values[-1]) if axis.values else (axis.low, axis.high)
    return float(low), float(high)


def _colour(value: float, low: float, high: float, flip: bool) -> str:
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    share = 1.0 - share if flip else share
    k = min(int(share * (len(RAMP) - 1)), len(RAMP) - 2)
    rest = share * (len(RAMP) - 1) - k
    mixed = [round(a + (b - a) * rest) for a, b in zip(RAMP[k], RAMP[k + 1], strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _is_flipped(ranking: Ranking) -> bool:
    return ranking.objective in SMALLER_IS_BETTER


def _short(name: str, value: float) -> str:
    if DEFINITIONS[name].form == Form.PERCENT:
        return f"{value:.1%}"
    return f"{value:,.3g}" if abs(value) < 1e5 else f"{value:.2e}"


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )
