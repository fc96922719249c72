"""A file's health as one SVG: a line a check, a mark where it found something, over time."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from barque.data.health.findings import LEVELS, Finding, Health

WIDTH, LEFT, RIGHT, TOP, LINE = 960, 190, 110, 64, 26

_STYLE = """
 text { font: 12px system-ui, sans-serif; fill: #1f2933 } .title { font-size: 15px }
 .quiet { fill: #616e7c } .back { fill: #ffffff } .rule { stroke: #d9dee3 }
 .error { fill: #c81e1e; stroke: #c81e1e } .warning { fill: #b45309; stroke: #b45309 }
 .note { fill: #52606d; stroke: #52606d } text.error, text.warning, text.note { stroke: none }
 @media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb } .quiet { fill: #9aa5b1 } .back { fill: #16191d } .rule { stroke: #3e4c59 }
  .error { fill: #f87171; stroke: #f87171 } .warning { fill: #fbbf24; stroke: #fbbf24 }
  .note { fill: #9aa5b1; stroke: #9aa5b1 } }
"""


def picture(health: Health) -> str:
    """Return the SVG. A mark is one of the first 200 places of a symbol's finding."""
    checks = [check for check in LEVELS if any(one.check == check for one in health.findings)]
    height = TOP + LINE * max(len(checks), 1) + 34
    lines = [
        part for k, check in enumerate(checks) for part in _line(health, check, TOP + LINE * k)
    ] or [_text(LEFT, TOP + 16, "nothing was found", "quiet")]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>Health of {escape(health.file)}</title><style>{_STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{height}"/>',
            _text(16, 26, health.file, "title"),
            _text(16, 46, _heading(health), "quiet"),
            *lines,
            _text(LEFT, height - 12, _day(health.start), "quiet"),
            _text(WIDTH - RIGHT, height - 12, _day(health.end), "quiet", "end"),
            "</svg>\n",
        )
    )


def _heading(health: Health) -> str:
    judged = f", judged by {health.calendar}" if health.calendar else ""
    period = f" of {health.period}" if health.period else ""
    symbols = f"{health.symbols:,} symbol" + "s" * (health.symbols != 1)
    return f"{health.rows:,} rows, {symbols}, {health.holds}{period}{judged}"


def _line(health: Health, check: str, y: int) -> Iterator[str]:
    found = [one for one in health.findings if one.check == check]
    level = LEVELS[check]
    middle = y + LINE // 2
    yield _text(16, middle + 4, check.replace("_", " "), level)
    yield f'<path class="rule" d="M{LEFT} {middle}H{WIDTH - RIGHT}"/>'
    marks = "".join(f"M{x} {middle - 7}v14" for x in _marks(health, found))
    yield f'<path class="{level}" stroke-width="1.5" d="{marks}"/>'
    yield _text(WIDTH - 16, middle + 4, f"{sum(one.count for one in found):,}", level, "end")


def _marks(health: Health, found: Sequence[Finding]) -> list[int]:
    """Return the pixels, each once."""
    span = max(health.end - health.start, 1)
    wide = WIDTH - LEFT - RIGHT
    places = (place.ts for one in found for place in one.places)
    return sorted({LEFT + (ts - health.start) * wide // span for ts in places})


def _day(ts: int) -> str:
    return str(np.datetime64(ts // 10**9, "s").astype("M8[D]"))


def _text(x: int, y: int, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
