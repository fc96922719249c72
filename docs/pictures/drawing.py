"""Pictures as SVG files of one style, for light and dark screens: charts beside what was told."""

import math
from collections.abc import Callable, Sequence
from html import escape

WIDTH = 760
MARGIN = 20

STYLE = """
svg { --ground:#ffffff; --card:#f6f8fa; --ink:#1c2430; --faint:#667080; --rule:#e3e7ec;
  --bar:#7d8896; --buy:#1769aa; --sell:#b8560f; --third:#7a3e9d; --share:#d7e6f3; }
@media (prefers-color-scheme: dark) { svg { --ground:#12161c; --card:#1a2028; --ink:#e6eaf0;
  --faint:#95a0af; --rule:#2a323d; --bar:#8591a1; --buy:#5aaeea; --sell:#f0924a;
  --third:#c08be0; --share:#20384c; } }
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink);
  font-variant-numeric: tabular-nums; }
.title { font-size: 16px; font-weight: 650; } .small { fill: var(--faint); font-size: 11px; }
.head { font-weight: 600; } .faint { fill: var(--faint); } .rule { stroke: var(--rule); }
.bar { stroke: var(--bar); stroke-width: 2.4; fill: none; }
.side { stroke: var(--own); stroke-width: 2.2; fill: none; opacity: .72; }
.decides { stroke: var(--faint); stroke-dasharray: 1 3; }
.faint { --own: var(--faint); } .buy { --own: var(--buy); } .sell { --own: var(--sell); }
.third { --own: var(--third); }
.level { stroke: var(--own); stroke-width: 1.4; stroke-dasharray: 5 3; fill: none; }
.waits { stroke-dasharray: 1 4; } .name { fill: var(--own); font-size: 11px; }
.mark { fill: var(--own); stroke: var(--ground); stroke-width: 1.5; }
.price, .own { fill: var(--own); font-weight: 600; }
.line { stroke: var(--own); fill: none; stroke-width: 2; stroke-linejoin: round; }
.dot { fill: var(--own); } .share { fill: var(--share); } .volume { fill: var(--rule); }
.halo { stroke: var(--ground); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
"""

Scale = Callable[[float], float]


def picture(title: str, words: str, body: str, height: float) -> str:
    """Return a whole picture: its title, what it shows in a sentence, and what is drawn."""
    lines = wrapped(words, 108)
    head = "".join(text(MARGIN, 46 + 16 * k, line, "faint") for k, line in enumerate(lines))
    top = 68 + 16 * (len(lines) - 1)
    total = round(top + height + 12)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" '
        f'height="{total}" role="img" aria-label="{escape(f"{title}. {words}", quote=True)}">'
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{total}" rx="8" '
        f'fill="var(--ground)"/>{text(MARGIN, 27, title, "title")}{head}'
        f'<g transform="translate(0 {top})">{body}</g></svg>\n'
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Return words at a place."""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}{place}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a filled rectangle."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def path(points: Sequence[tuple[float, float]], kind: str, *, steps: bool = False) -> str:
    """Return a line through points, in steps where a value holds until the next."""
    first, *rest = points
    drawn = f"M{first[0]:.1f} {first[1]:.1f}"
    for x, y in rest:
        drawn += f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}"
    return f'<path class="{kind}" d="{drawn}"/>'


def linear(low: float, high: float, begin: float, end: float) -> Scale:
    """Return a map of low..high to begin..end."""
    return lambda value: begin + (value - low) / (high - low) * (end - begin)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers between two others."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if power * k >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def wrapped(words: str, most: int) -> list[str]:
    """Return words in lines of at most so many letters."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
