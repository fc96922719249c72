"""Prices as somebody would have seen them on a day: adjusted for what had happened until then.

The catalog keeps prices as they were traded. A view as of a moment holds the bars that were known
by then, and multiplies those that began before

- a split of `new` for `old` by old/new (volumes by new/old),
- a dividend D by 1 - D/C, where C is the last close before it, as Yahoo's and LEAN's factors are,

of the events at or before that moment. What comes later changes nothing in it.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.data.catalog import Catalog
from barque.data.kinds import EVENT, PRICES
from barque.data.sessions import IntArray
from barque.domain.errors import BadInput

FloatArray = NDArray[np.float64]


def adjusted_bars(
    catalog: Catalog, instrument_id: str, period: str, as_of: int, *, dividends: bool = True
) -> pl.DataFrame:
    """Return the bars known at `as_of` (nanoseconds UTC), adjusted for splits and dividends.

    Columns as `Catalog.frame`, and `factor`, by which the traded prices were multiplied. Without
    `dividends` only for splits. BadInput if no bar was known yet.
    """
    bars = _known(catalog.frame(instrument_id, "bar", period), as_of)
    if not bars.height:
        raise BadInput(
            f"{instrument_id} has no bars of {period} before {np.datetime64(as_of, 'ns')} UTC; "
            "`barque data list` shows from when on there are some."
        )
    starts = bars["start"].dt.timestamp("ns").to_numpy()
    splits = _known(catalog.frame(instrument_id, "split", EVENT), as_of)
    shares = _products(starts, _times(splits), (splits["new"] / splits["old"]).to_numpy())
    prices = 1 / shares
    if dividends:
        paid = _known(catalog.frame(instrument_id, "dividend", EVENT), as_of)
        prices *= _products(starts, _times(paid), _kept(bars, starts, paid))
    return bars.with_columns(
        *(pl.col(name) * pl.Series(prices) for name in PRICES),
        pl.col("volume") * pl.Series(shares),
        pl.Series("factor", prices),
    )


def _known(frame: pl.DataFrame, as_of: int) -> pl.DataFrame:
    return frame.filter(pl.col("ts").dt.timestamp("ns") <= as_of).sort("ts")


def _times(frame: pl.DataFrame) -> IntArray:
    times: IntArray = frame["ts"].dt.timestamp("ns").to_numpy()
    return times


def _kept(bars: pl.DataFrame, starts: IntArray, paid: pl.DataFrame) -> FloatArray:
    """Return what part of the price is left after each dividend; all of it without a close."""
    before = np.searchsorted(starts, _times(paid)) - 1
    closes = bars["close"].to_numpy()[np.maximum(before, 0)]
    kept: FloatArray = np.where(before < 0, 1.0, 1 - paid["amount"].to_numpy() / closes)
    if (kept <= 0).any():
        row = int(np.flatnonzero(kept <= 0)[0])
        raise BadInput(
            f"The dividend {paid['amount'][row]} at {paid['ts'][row]} is not below the close "
            f"before it, {closes[row]}; prices cannot be adjusted for it. Correct it and import "
            "it again."
        )
    return kept


def _products(starts: IntArray, times: IntArray, factors: FloatArray) -> FloatArray:
    """Return for each bar the product of the factors of all events after its start."""
    later = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    products: FloatArray = later[np.searchsorted(times, starts, "right")]
    return products
