"""A story drawn: bars or quotes, the prices of its orders, its fills, and its records in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import Side
from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray
from docs.pictures.drawing import (
    MARGIN,
    WIDTH,
    Scale,
    line,
    linear,
    path,
    picture,
    rectangle,
    text,
    ticks,
    wrapped,
)
from docs.pictures.market import DOLLAR, HOUR
from docs.pictures.stories import AT_CLOSE, AT_OPEN, INSIDE, Fact, Level, Story
from docs.pictures.words import clock

ROW = 17
FACTS = 300
"""How wide the words beside a chart are."""
AXIS = 92
HEAD = 24
FOOT = 22
VOLUMES = 60
LINES = 110.0
"""How tall the lines below a market are."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the account was after each slice, in money: a line below the market."""

    name: str
    kind: str
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Panel:
    """One story with a heading."""

    story: Story
    heading: str = ""
    shows_volume: bool = False
    shows_market: bool = True
    lines: tuple[Line, ...] = ()


def of_stories(title: str, words: str, *panels: Panel, height: float = 190) -> str:
    """Draw one story with its words beside it, or two beside each other with words below."""
    drawn, tall = _alone(panels[0], height) if len(panels) == 1 else _beside(panels, height)
    return picture(title, words, drawn, tall)


def _alone(panel: Panel, height: float) -> tuple[str, float]:
    width = WIDTH - 3.0 * MARGIN - FACTS
    told, end = _told(panel.story, WIDTH - MARGIN - FACTS, 14, FACTS)
    tall = max(height, end)
    if not panel.shows_market:
        return _money(panel, MARGIN, width, 0, tall) + told, tall
    if not panel.lines:
        return _chart(panel, MARGIN, width, tall) + told, tall
    drawn = _chart(panel, MARGIN, width, tall - LINES)
    return drawn + _money(panel, MARGIN, width, tall - LINES, LINES) + told, tall


def _beside(panels: Sequence[Panel], height: float) -> tuple[str, float]:
    width = (WIDTH - (len(panels) + 1.0) * MARGIN) / len(panels)
    body, tall = "", 0.0
    for k, panel in enumerate(panels):
        left = MARGIN + k * (width + MARGIN)
        told, end = _told(panel.story, left, height + 18, width)
        body += _chart(panel, left, width, height) + told
        tall = max(tall, end)
    return body, tall


def _told(story: Story, x: float, y: float, width: float) -> tuple[str, float]:
    """Return the facts in words, and where they end."""
    drawn, most = "", int((width - 70) / 5.7)
    for fact in story.facts:
        drawn += text(x, y, fact.when, "small")
        if fact.order:
            order = text(x + 56, y, str(fact.order), "own", "middle")
            drawn += f'<g class="{_side(fact.side)}">{order}</g>'
        for words in wrapped(fact.words, most):
            drawn += text(x + 68, y, words, "head" if fact.price is not None else "")
            y += ROW
    return drawn, y - ROW + 10


def _chart(panel: Panel, left: float, width: float, height: float) -> str:
    story = panel.story
    right = left + width - AXIS
    bottom = height - FOOT - (VOLUMES if panel.shows_volume else 0)
    x = linear(0, len(story.edges) - 1, left, right)
    low, high = _range(story)
    y = linear(low, high, bottom, HEAD)
    return "".join(
        (
            text(left, -4, panel.heading, "head") if panel.heading else "",
            _grid(story, x, y, left, right, bottom, (low, high)),
            _moments(story, x, bottom),
            _volumes(story, x, height - FOOT) if panel.shows_volume else "",
            _market(story, x, y),
            "".join(_level(level, x, y) for level in story.levels),
            _names(story.levels, y, right),
            _marks(story.facts, story.levels, x, y),
        )
    )


def _money(panel: Panel, left: float, width: float, top: float, height: float) -> str:
    """Draw what the account was: each value holds until the next slice."""
    story, right = panel.story, left + width - AXIS
    x = linear(0, len(story.edges) - 1, left, right)
    values = np.concatenate([line.values for line in panel.lines])
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low * 0.99, high * 1.01
    room = (high - low) * 0.12
    y = linear(low - room, high + room, top + height - FOOT, top + 12)
    lasts = [y(float(one.values[-1])) for one in panel.lines]
    drawn = ""
    for tick in ticks(low, high, 3):
        drawn += line(left, y(tick), right, y(tick), "rule")
        if all(abs(y(tick) - last) > 12 for last in lasts):
            drawn += text(right + 6, y(tick) + 4, f"{tick:,.0f}", "small")
    for one, last in zip(panel.lines, lasts, strict=True):
        points = [
            (x(moment), y(float(value)))
            for moment, value in zip(story.moments, one.values, strict=True)
        ]
        drawn += f'<g class="{one.kind}">{path(points, "line", steps=True)}'
        drawn += f"{text(right + 6, last + 4, one.name, 'name')}</g>"
    if not panel.shows_market:
        for k in range(len(story.edges)):
            words = clock(int(story.edges[k]))
            drawn += text(x(k), top + height - 6, words, "small", "middle")
    return drawn


def _range(story: Story) -> tuple[float, float]:
    prices = [price for part in _shown(story) for price in part[3:]]
    prices += [part[2] for level in story.levels for part in level.parts]
    prices += [fact.price for fact in story.facts if fact.price is not None]
    low, high = min(prices), max(prices)
    room = (high - low or 1.0) * 0.14
    return low - room, high + room


def _shown(story: Story) -> list[tuple[int, float, str, float, float, float, float]]:
    """Return what the market shows: (event, x, kind, open, high, low, close), a quote twice."""
    found = []
    for t, event in enumerate(story.events.tolist()):
        k = float(np.searchsorted(story.edges, event[at.START] // HOUR * HOUR))
        if event[at.KIND] == EventKind.QUOTE:
            bid, ask = event[at.QUOTE_BID] / DOLLAR, event[at.QUOTE_ASK] / DOLLAR
            found += [(t, k, "sell", bid, bid, bid, bid), (t, k, "buy", ask, ask, ask, ask)]
        elif EventKind.TRADE <= event[at.KIND] <= EventKind.ASK_BAR:
            kind = {EventKind.BID_BAR: "sell", EventKind.ASK_BAR: "buy"}.get(event[at.KIND], "")
            prices = [units / DOLLAR for units in event[at.OPEN : at.CLOSE + 1]]
            found.append((t, k, kind, *prices))
    return found


def _grid(
    story: Story, x: Scale, y: Scale, left: float, right: float, bottom: float,
    bounds: tuple[float, float],
) -> str:  # fmt: skip
    drawn = ""
    named = [y(level.parts[-1][2]) for level in story.levels]
    for price in ticks(*bounds):
        drawn += line(left, y(price), right, y(price), "rule")
        if all(abs(y(price) - other) > 12 for other in named):
            drawn += text(right + 6, y(price) + 4, f"{price:g}", "small")
    few = range(0, len(story.edges), max(1, round(46 / (x(1) - x(0)))))
    for k in few:
        drawn += text(x(k), bottom + 15, clock(int(story.edges[k])), "small", "middle")
    for event in story.events.tolist():
        if event[at.FLAGS] & EventFlag.ENDS_SESSION and event[at.KIND] != EventKind.BID_BAR:
            end = float(np.searchsorted(story.edges, event[at.START] // HOUR * HOUR)) + 1
            drawn += line(x(end), HEAD - 6, x(end), bottom, "rule")
            drawn += text(x(end) - 4, bottom - 4, "session ends", "small", "end")
    return drawn


def _moments(story: Story, x: Scale, bottom: float) -> str:
    drawn = ""
    for words, places in (("asks", story.asked), ("arrives", story.arrived)):
        for place in places:
            drawn += line(x(place), HEAD - 6, x(place), bottom, "decides")
            drawn += text(x(place), HEAD - 10, words, "small", "middle")
    return drawn


def _volumes(story: Story, x: Scale, bottom: float) -> str:
    """Draw the volume of each bar and, in it, what was taken of it."""
    bars = [row for row in story.events.tolist() if row[at.KIND] == EventKind.BAR]
    most = max(row[at.VOLUME] for row in bars)
    taken: dict[int, int] = {}
    for record in story.records.tolist():
        if record[at.RECORD_KIND] == at.FILLED:
            event = record[at.RECORD_AT] - 1
            taken[event] = taken.get(event, 0) + record[at.A2]
    drawn, tall = "", VOLUMES - 24
    for t, k, *_ in _shown(story):
        volume = story.events[t, at.VOLUME]
        size = tall * volume / most
        width = (x(1) - x(0)) * 0.6
        drawn += rectangle(x(k + 0.2), bottom - size, width, size, "volume")
        if t in taken:
            part = tall * taken[t] / most
            drawn += (
                f'<g class="buy">{rectangle(x(k + 0.2), bottom - part, width, part, "dot")}</g>'
            )
        words = f"{taken.get(t, 0):,} of {volume:,}"
        drawn += text(x(k + 0.5), bottom + 14, words, "small", "middle")
    return drawn


def _market(story: Story, x: Scale, y: Scale) -> str:
    drawn = ""
    for t, k, kind, opened, high, low, close in _shown(story):
        event = story.events[t]
        if event[at.KIND] == EventKind.QUOTE:
            size = event[at.QUOTE_ASK_SIZE if kind == "buy" else at.QUOTE_BID_SIZE]
            side = "" if k > 0 else ("ask " if kind == "buy" else "bid ")
            words = f"{side}× {size:,}"  # noqa: RUF001 - a size, not a letter
            lift = -6 if kind == "buy" else 14
            drawn += line(x(k), y(opened), x(k + 1), y(opened), f"{kind} side")
            drawn += text(x(k + 0.5), y(opened) + lift, words, "small halo", "middle")
            continue
        middle = INSIDE + {"buy": 0.1, "sell": -0.1, "": 0.0}[kind]
        strokes = (
            f"M{x(k + middle):.1f} {y(high):.1f}V{y(low):.1f}"
            f"M{x(k + AT_OPEN):.1f} {y(opened):.1f}H{x(k + middle):.1f}"
            f"M{x(k + middle):.1f} {y(close):.1f}H{x(k + AT_CLOSE):.1f}"
        )
        drawn += f'<path class="{f"{kind} side" if kind else "bar"}" d="{strokes}"/>'
        if kind:
            side, place = ("ask", y(high) - 6) if kind == "buy" else ("bid", y(low) + 14)
            drawn += text(x(k + middle), place, side, "small halo", "middle")
    return drawn


def _level(level: Level, x: Scale, y: Scale) -> str:
    waits = " waits" if level.waits else ""
    points: list[tuple[float, float]] = []
    for begin, _, price in level.parts:
        points.append((x(begin), y(price)))
    points.append((x(level.parts[-1][1]), y(level.parts[-1][2])))
    drawn = path(points, f"level{waits}", steps=True)
    return f'<g class="{_side(level.side)}">{drawn}</g>'


def _names(levels: tuple[Level, ...], y: Scale, right: float) -> str:
    """Name each order's prices once, beside the chart."""
    drawn = ""
    for level in {(one.order, one.name): one for one in levels}.values():
        kind, price = _side(level.side), level.parts[-1][2]
        words = f"{level.order} {level.name} {price:.2f}"
        drawn += f'<g class="{kind}">{text(right + 6, y(price) + 4, words, "name")}</g>'
    return drawn


def _marks(facts: tuple[Fact, ...], levels: tuple[Level, ...], x: Scale, y: Scale) -> str:
    """Draw each fill as a triangle that points at its price; several in one bar move aside."""
    drawn, seen = "", set[float]()
    named = {level.parts[-1][2] for level in levels}
    for fact in facts:
        if fact.price is None:
            continue
        place = fact.x
        while place in seen:
            place += 0.12
        seen.add(place)
        mark = _mark(fact, x(place), y(fact.price))
        if fact.price not in named:
            mark += _price(fact, x(place), y(fact.price))
        drawn += f'<g class="{_side(fact.side)}">{mark}</g>'
    return drawn


def _mark(fact: Fact, x: float, y: float) -> str:
    shape = f"M{x:.1f} {y:.1f}l-6 {10 if fact.side == Side.BUY else -10}h12z"
    return f'<path class="mark" d="{shape}"/>'


def _price(fact: Fact, x: float, y: float) -> str:
    """Write a fill's price where it hides the least: inside a bar and at a quote to the right."""
    assert fact.price is not None
    is_buy = fact.side == Side.BUY
    words = f"{fact.price:.2f}" if round(fact.price, 2) == fact.price else f"{fact.price:.3f}"
    if fact.x % 1 in (0, INSIDE):
        return text(x + 9, y + (13 if is_buy else -5), words, "price halo")
    return text(x, y + (23 if is_buy else -15), words, "price halo", "middle")


def _side(side: int) -> str:
    return "buy" if side == Side.BUY else "sell"
