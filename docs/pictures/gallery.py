"""All pictures of the guides, by name."""

from collections.abc import Iterator
from pathlib import Path

from docs.pictures import costs, groups, money, orders, sizes

FOLDER = Path(__file__).parents[1] / "guides" / "pictures"


def everything() -> Iterator[tuple[str, str]]:
    """Yield the name and the SVG of every picture."""
    for part in (orders, groups, sizes, costs, money):
        yield from part.pictures()
