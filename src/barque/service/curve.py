"""The equity curve, made small enough to draw without losing what it shows."""

from collections.abc import Sequence

import numpy as np

from barque.kernels.thinning import thin as places_to_keep
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
    """Keep at most about `points`, such that ends, extremes and the deepest fall stay."""
    kept = places_to_keep(np.array([float(point.equity) for point in curve]), points)
    return [curve[place] for place in kept.tolist()]
