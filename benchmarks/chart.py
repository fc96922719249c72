"""A picture of the speeds: one bar an engine, on a logarithmic scale, as plain SVG."""

import math
from collections.abc import Mapping
from html import escape

from benchmarks.entrants import Role

WIDTH, LEFT, RIGHT, TOP, ROW = 860, 200, 110, 56, 28
COLORS = {Role.BARQUE: "#0b6e99", Role.PEER: "#9aa5b1", Role.LIMIT: "#d9c89e"}
TEXT = 'font-family="system-ui, sans-serif" font-size="13" fill="#222"'


def chart(title: str, speeds: Mapping[str, float], roles: Mapping[str, Role]) -> str:
    """Return an SVG of `speeds` (bars a second by engine), fastest first."""
    ranked = sorted(speeds.items(), key=lambda item: -item[1])
    lowest, highest = _decades(speeds)
    height = TOP + ROW * len(ranked) + 16
    body = [_grid(decade, lowest, highest, height) for decade in range(lowest, highest + 1)]
    body += [
        _bar(TOP + ROW * place, name, speed, roles.get(name, Role.PEER), lowest, highest)
        for place, (name, speed) in enumerate(ranked)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n'
        f'<text x="16" y="24" {TEXT} font-weight="600">{escape(title)}</text>\n'
        + "".join(body)
        + "</svg>\n"
    )


def _decades(speeds: Mapping[str, float]) -> tuple[int, int]:
    """Return the powers of ten that enclose the speeds, so that the slowest has a bar too."""
    if not speeds:
        return 0, 1
    lowest = math.ceil(math.log10(min(speeds.values()))) - 1
    return lowest, max(math.ceil(math.log10(max(speeds.values()))), lowest + 1)


def _across(speed: float, lowest: int, highest: int) -> float:
    share = (math.log10(speed) - lowest) / (highest - lowest)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _grid(decade: int, lowest: int, highest: int, height: int) -> str:
    speed = 10.0**decade
    x = _across(speed, lowest, highest)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 12}" stroke="#e3e6ea"/>\n'
        f'<text x="{x:.1f}" y="{TOP - 10}" text-anchor="middle" {TEXT}>{_short(speed)}</text>\n'
    )


def _bar(top: int, name: str, speed: float, role: Role, lowest: int, highest: int) -> str:
    end = _across(speed, lowest, highest)
    middle = top + ROW / 2 + 4
    return (
        f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end" {TEXT}>{escape(name)}</text>\n'
        f'<rect x="{LEFT}" y="{top + 4}" width="{end - LEFT:.1f}" height="{ROW - 8}" '
        f'fill="{COLORS[role]}"/>\n'
        f'<text x="{end + 6:.1f}" y="{middle}" {TEXT}>{_short(speed)}</text>\n'
    )


def _short(speed: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if speed >= size:
            return f"{speed / size:.3g} {letter}"
    return f"{speed:.3g}"
