"""The equity curve, made small enough to draw without losing what it shows."""

from collections.abc import Sequence

from barque.storage.store import EquityPoint, StoreReader

CHUNK = 50_000


async def read_curve(store: StoreReader, account_id: int, after: int) -> list[EquityPoint]:
    """Return every point after a time, read in chunks."""
    curve: list[EquityPoint] = []
    while True:
        chunk = await store.equity(account_id, after, CHUNK)
        curve.extend(chunk)
        if len(chunk) < CHUNK:
            return curve
        after = chunk[-1].ts


def thin(curve: Sequence[EquityPoint], points: int) -> Sequence[EquityPoint]:
    """Keep the first and the last point, and the lowest and highest of each stretch.

    So the drawdown of what is kept is the drawdown of the whole.
    """
    if len(curve) <= points:
        return curve
    stretch = -(-2 * len(curve) // points)
    kept = {0, len(curve) - 1}
    for start in range(0, len(curve), stretch):
        places = range(start, min(start + stretch, len(curve)))
        kept.add(min(places, key=lambda place: curve[place].equity))
        kept.add(max(places, key=lambda place: curve[place].equity))
    return [curve[place] for place in sorted(kept)]
