"""The architecture as a drawing: bands for tiers, cards for parts, a line for every edge.

Laid out by hand, in columns from the visitor to the data: people read it from left to right as a
request goes. Self-contained, light or dark as the reader's screen is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from barque.deployment.cloud_architecture import (
    Architecture,
    DataClass,
    Edge,
    Environment,
    Part,
    Role,
    Status,
    Tier,
)
from barque.deployment.generated import HEADER

PICTURE = "docs/deployment/architecture.svg"
COLUMNS: tuple[tuple[str, Tier, tuple[str, ...]], ...] = (
    ("outside", Tier.OUTSIDE, ("pager", "visitor", "venues")),
    ("the edge", Tier.EDGE, ("cdn",)),
    ("public subnets", Tier.PUBLIC, ("balancer",)),
    (
        "private subnets: roles",
        Tier.PRIVATE,
        ("api", "trader", "ingest", "research", "scheduler", "migrate", "sandbox"),
    ),
    (
        "private subnets: services",
        Tier.PRIVATE,
        ("alertmanager", "prometheus", "pgbouncer", "endpoints"),
    ),
    ("database subnets", Tier.DATABASE, ("cache", "replica", "database")),
)
CARD_WIDTH, CARD_HEIGHT, ROW = 178, 62, 88
MARGIN, HEAD, BAND_HEAD, BAND_PAD = 36, 92, 44, 12
NARROWEST_GAP, GAP_A_LINE = 72, 9
CORNER = 7

STYLE = """
svg { --ground:#fbfcfd; --band:#f1f4f7; --card:#ffffff; --ink:#16202c; --faint:#5f6b79;
  --rule:#cfd7e0; --edge:#1769aa; --planned:#a3afbd; --money:#b8560f; }
@media (prefers-color-scheme: dark) { svg { --ground:#0f1318; --band:#171d25; --card:#1f2731;
  --ink:#e8edf3; --faint:#93a0b0; --rule:#354150; --edge:#63b1ec; --planned:#566374;
  --money:#f0924a; } }
text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: var(--ink); }
.title { font-size: 23px; font-weight: 680; } .faint { fill: var(--faint); }
.band { font-size: 12px; font-weight: 600; fill: var(--faint); letter-spacing: .02em; }
.name { font-size: 14px; font-weight: 640; } .port { font-size: 10.5px; fill: var(--edge);
  font-weight: 600; } .port.planned { fill: var(--faint); }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.6; }
.edge.planned { stroke: var(--planned); stroke-dasharray: 4 4; stroke-width: 1.2; }
.card { fill: var(--card); stroke: var(--rule); } .card.role { stroke: var(--edge); }
.card.owner { stroke: var(--money); stroke-width: 1.8; }
.card.planned { stroke-dasharray: 5 4; stroke: var(--planned); fill: var(--band); }
.cell { font-variant-numeric: tabular-nums; }
"""


@dataclass(frozen=True, slots=True)
class Card:
    """Where a part is drawn: its upper left corner."""

    part: Part
    column: int
    left: float
    top: float

    @property
    def right(self) -> float:
        return self.left + CARD_WIDTH


@dataclass(frozen=True, slots=True)
class Route:
    """An edge as a line: points with right angles, from card to card."""

    edge: Edge
    points: tuple[tuple[float, float], ...]
    is_planned: bool


def draw(architecture: Architecture, environment: Environment | None = None) -> str:
    """Return the whole drawing as SVG text; with an environment, its sizes beneath."""
    cards = lay_out(architecture)
    width = max(card.right for card in cards.values()) + MARGIN + 12
    bottom = max(card.top for card in cards.values()) + CARD_HEIGHT + 20
    body = [_title(architecture, environment), *_bands(cards, bottom)]
    body += [_line(route) for route in routes(architecture, cards)]
    body += [_card(card) for card in cards.values()]
    body.append(_legend(bottom + 34))
    body.append(_data(architecture.data, bottom + 78))
    height = bottom + 78 + 30 + 24 * len(architecture.data) + 46
    sizes = _places(architecture) if environment is None else _sizes(environment)
    body.append(_words(sizes, MARGIN, height - 22, "faint"))
    return (
        f"<!-- {HEADER} -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img"><title>Barque on AWS</title>'
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="var(--ground)"/>'
        f"{''.join(body)}</svg>\n"
    )


def picture(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the drawing that the documentation shows."""
    return {PICTURE: draw(architecture)}


def lay_out(architecture: Architecture) -> dict[str, Card]:
    """Return where each part stands, by its name. A part that no column names is in its tier's."""
    columns = [list(names) for _, _, names in COLUMNS]
    placed = {name for names in columns for name in names}
    for part in architecture.parts:
        if part.name not in placed:
            last = max(k for k, (_, tier, _) in enumerate(COLUMNS) if tier is part.tier)
            columns[last].append(part.name)
    known = {part.name: part for part in architecture.parts}
    column_of = {name: k for k, names in enumerate(columns) for name in names}
    tallest = max(len(names) for names in columns)
    cards = {}
    lefts = _lefts(architecture, column_of)
    for k, names in enumerate(columns):
        left = lefts[k]
        spread = (tallest - len(names)) * ROW / (len(names) + 1)
        for row, name in enumerate(name for name in names if name in known):
            top = HEAD + BAND_HEAD + (row + 1) * spread + row * ROW
            cards[name] = Card(known[name], k, left, round(top))
    return cards


def _lefts(architecture: Architecture, column_of: dict[str, int]) -> list[float]:
    """Return where each column begins: a gap is as wide as the lines that turn in it need."""
    turns = [0] * len(COLUMNS)
    for edge in architecture.edges:
        for gap in _gaps(column_of[edge.source], column_of[edge.target]):
            turns[gap] += 1
    lefts = [float(MARGIN + BAND_PAD)]
    for lines in turns[:-1]:
        gap = max(NARROWEST_GAP, 2 * BAND_PAD + GAP_A_LINE * (lines + 1))
        lefts.append(lefts[-1] + CARD_WIDTH + gap)
    return lefts


def routes(architecture: Architecture, cards: dict[str, Card]) -> list[Route]:
    """Return a line for every edge: out at one side, along a lane of its own, in at the other."""
    edges = [e for e in architecture.edges if e.source in cards and e.target in cards]
    leaving, arriving = _gates(edges, cards, "source"), _gates(edges, cards, "target")
    lanes = _lanes(edges, cards, leaving, arriving)
    opened = set(architecture.open_edges())
    return [
        Route(edge, _path(edge, cards, leaving, arriving, lanes), edge not in opened)
        for edge in sorted(edges, key=lambda one: one in opened)
    ]


Gates = dict[Edge, float]


def _gates(edges: Sequence[Edge], cards: dict[str, Card], end: str) -> Gates:
    """Return the height at which each edge leaves (or enters) its card, spread along its side."""
    sides: dict[tuple[str, bool], list[Edge]] = defaultdict(list)
    other = "target" if end == "source" else "source"
    for edge in edges:
        sides[getattr(edge, end), _goes_left(edge, cards)].append(edge)
    gates = {}
    for (name, _), group in sides.items():
        group.sort(key=lambda one: (cards[getattr(one, other)].top, one.target))
        step = CARD_HEIGHT / (len(group) + 1)
        for k, edge in enumerate(group, start=1):
            gates[edge] = cards[name].top + k * step
    return gates


def _goes_left(edge: Edge, cards: dict[str, Card]) -> bool:
    begin, end = cards[edge.source].column, cards[edge.target].column
    return begin > end or begin == end == len(COLUMNS) - 1


def _lanes(
    edges: Sequence[Edge], cards: dict[str, Card], leaving: Gates, arriving: Gates
) -> dict[tuple[Edge, int], float]:
    """Return the horizontal place of each edge in each gap between columns that it turns in."""
    gaps: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        for gap in _gaps(cards[edge.source].column, cards[edge.target].column):
            gaps[gap].append(edge)
    lefts = {card.column: card.left for card in cards.values()}
    lanes = {}
    for gap, group in gaps.items():
        group.sort(key=lambda one: (abs(arriving[one] - leaving[one]), leaving[one]))
        begin = lefts[gap] + CARD_WIDTH + BAND_PAD
        step = (lefts[gap + 1] - BAND_PAD - begin) / (len(group) + 1)
        for k, edge in enumerate(group, start=1):
            lanes[edge, gap] = begin + k * step
    return lanes


def _gaps(begin: int, end: int) -> tuple[int, ...]:
    """Return the gaps (by the column at their left) in which a line goes up or down."""
    last_column = len(COLUMNS) - 1
    if begin == end:
        return (min(begin, last_column - 1),)
    first, last = (begin, end - 1) if begin < end else (begin - 1, end)
    return (first,) if first == last else (first, last)


def _path(
    edge: Edge,
    cards: dict[str, Card],
    leaving: Gates,
    arriving: Gates,
    lanes: dict[tuple[Edge, int], float],
) -> tuple[tuple[float, float], ...]:
    source, target = cards[edge.source], cards[edge.target]
    left = _goes_left(edge, cards)
    out = (source.left if left else source.right, leaving[edge])
    same = source.column == target.column
    into = (target.right if left != same else target.left, arriving[edge])
    gaps = _gaps(source.column, target.column)
    if len(gaps) == 1:
        x = lanes[edge, gaps[0]]
        return (out, (x, out[1]), (x, into[1]), into)
    x, beyond = (lanes[edge, gap] for gap in gaps)
    row = _corridor(edge, cards)
    return (out, (x, out[1]), (x, row), (beyond, row), (beyond, into[1]), into)


def _corridor(edge: Edge, cards: dict[str, Card]) -> float:
    """Return a height between the rows of every column that the edge passes, near its target."""
    begin, end = sorted((cards[edge.source].column, cards[edge.target].column))
    between = [card for card in cards.values() if begin < card.column < end]
    wished = (cards[edge.source].top + cards[edge.target].top + CARD_HEIGHT) / 2
    tops = [card.top for card in between]
    candidates = [
        top + CARD_HEIGHT + (ROW - CARD_HEIGHT) / 2 + shift for top in tops for shift in (-6, 0, 6)
    ] + [min(tops) - 13, wished]
    free = [y for y in candidates if not any(top - 4 < y < top + CARD_HEIGHT + 4 for top in tops)]
    return min(free, key=lambda y: abs(y - wished))


def _line(route: Route) -> str:
    planned = " planned" if route.is_planned else ""
    words = f"{route.edge.source} → {route.edge.target} : {route.edge.port}, {route.edge.words}"
    return (
        f'<g><title>{escape(words)}</title><path class="edge{planned}" '
        f'd="{_rounded(route.points)}"/>{_arrow(route)}</g>'
    )


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """Return a path along right angles whose corners are rounded."""
    corners = [points[0]]
    corners += [b for a, b in pairwise(points) if a != b]
    path = [f"M{corners[0][0]:.1f} {corners[0][1]:.1f}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        path.append(f"L{_toward(corner, before)} Q{corner[0]:.1f} {corner[1]:.1f} ")
        path.append(_toward(corner, after))
    path.append(f"L{corners[-1][0]:.1f} {corners[-1][1]:.1f}")
    return "".join(path)


def _toward(corner: tuple[float, float], other: tuple[float, float]) -> str:
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    share = min(CORNER, length / 2) / length if length else 0
    x, y = (a + (b - a) * share for a, b in zip(corner, other, strict=True))
    return f"{x:.1f} {y:.1f}"


def _arrow(route: Route) -> str:
    (before, _), (x, y) = route.points[-2], route.points[-1]
    way = 1 if x > before else -1
    colour = "planned" if route.is_planned else "edge"
    return f'<path d="M{x:.1f} {y:.1f}l{-7 * way} -3.5v7z" fill="var(--{colour})"/>'


def _card(card: Card) -> str:
    part = card.part
    x, y = card.left, card.top
    kind = _kind(part)
    planned = " planned" if part.status is Status.PLANNED else ""
    port = f":{part.port}" if isinstance(part, Role) and part.port else ""
    lines = _wrapped(part.words)
    text = "".join(
        _words(line, x + 12, y + 38 + 14 * k, "faint", 11) for k, line in enumerate(lines)
    )
    return (
        f'<rect class="card{kind}{planned}" x="{x}" y="{y}" width="{CARD_WIDTH}" '
        f'height="{CARD_HEIGHT}" rx="8"/>'
        f'<text class="name" x="{x + 12}" y="{y + 21}">{escape(part.name)}</text>'
        f'<text class="port{planned}" x="{x + CARD_WIDTH - 10}" y="{y + 20}" '
        f'text-anchor="end">{port}</text>{text}'
    )


def _kind(part: Part) -> str:
    if not isinstance(part, Role):
        return ""
    return " owner" if part.handed_over else " role"


def _wrapped(words: str) -> list[str]:
    """Return words in at most two lines that fit a card."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > 27 and len(lines) < 2:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _bands(cards: dict[str, Card], bottom: float) -> Iterable[str]:
    for column, left in sorted({(card.column, card.left - BAND_PAD) for card in cards.values()}):
        words, width = COLUMNS[column][0], CARD_WIDTH + 2 * BAND_PAD
        yield (
            f'<rect x="{left}" y="{HEAD}" width="{width}" height="{bottom - HEAD}" rx="12" '
            f'fill="var(--band)"/>'
        )
        yield _words(words, left + BAND_PAD, HEAD + 24, "band")


def _title(architecture: Architecture, environment: Environment | None) -> str:
    where = f", {environment.name}" if environment else ""
    open_edges, edges = len(architecture.open_edges()), len(architecture.edges)
    return _words(f"Barque on AWS{where}", MARGIN, 46, "title") + _words(
        f"{len(architecture.parts)} parts, {edges} edges, {open_edges} of them open today. What is "
        "not drawn is refused, by security groups and by network policies alike.",
        MARGIN, 70, "faint", 13,
    )  # fmt: skip


def _legend(top: float) -> str:
    entries = (
        ('<path class="edge" d="M0 -4h30"/>', "open today"),
        ('<path class="edge planned" d="M0 -4h30"/>', "designed, closed until it is built"),
        ('<rect class="card role" x="0" y="-13" width="30" height="17" rx="4"/>', "a role"),
        (
            '<rect class="card owner" x="0" y="-13" width="30" height="17" rx="4"/>',
            "a role that owns accounts: handed over, never cut off",
        ),
        (
            '<rect class="card planned" x="0" y="-13" width="30" height="17" rx="4"/>',
            "not built yet",
        ),
    )
    parts, left = [], float(MARGIN)
    for drawing, words in entries:
        parts.append(f'<g transform="translate({left} {top})">{drawing}</g>')
        parts.append(_words(words, left + 40, top, "faint"))
        left += 40 + 6.3 * len(words) + 34
    return "".join(parts)


def _data(data: Sequence[DataClass], top: float) -> str:
    """Return what is lost, and for how long, when a zone or the region is lost."""
    heads = ("data", "", "store", "key", "zone lost: data, time", "region lost: data, time")
    lefts = (0, 96, 470, 560, 660, 860)
    parts = [
        _words(head, MARGIN + left, top, "band") for head, left in zip(heads, lefts, strict=True)
    ]
    for row, one in enumerate(data, start=1):
        cells = (
            one.name, one.words, one.store, one.key,
            f"{span(one.rpo_seconds)}, {span(one.rto_seconds)}",
            f"{span(one.region_rpo_seconds)}, {span(one.region_rto_seconds)}",
        )  # fmt: skip
        for cell, left in zip(cells, lefts, strict=True):
            kind = "cell" if left != lefts[1] else "faint"
            parts.append(_words(cell, MARGIN + left, top + 24 * row, kind))
    return "".join(parts)


def _places(architecture: Architecture) -> str:
    return "Environments: " + " · ".join(
        f"{one.name} ({one.region}, {one.platform.value})" for one in architecture.environments
    )


def _sizes(one: Environment) -> str:
    machines = ", ".join(
        f"{pool.value} {group.least} to {group.most} of {group.instance_type}"
        for pool, group in one.machines.items()
    )
    standby = " and a standby" if one.database.multi_az else ""
    return (
        f"{one.name}, {one.words}: {one.region} · {one.platform.value} · {machines} · PostgreSQL "
        f"{one.database.instance_class}{standby}, {one.database.replicas} replicas · Redis "
        f"{one.cache.node_type}, {one.cache.replicas} replicas"
    )


def span(seconds: int) -> str:
    """Return seconds as people say them."""
    if seconds == 0:
        return "none"
    for length, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % length == 0:
            return f"{seconds // length} {word}"
    return f"{seconds} s"


def _words(words: str, x: float, y: float, kind: str, size: float | None = None) -> str:
    font = f' style="font-size:{size}px"' if size else ""
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}"{font}>{escape(words)}</text>'
