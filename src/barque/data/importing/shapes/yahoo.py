"""Yahoo's daily bars, as its page or yfinance write them, with `Adj Close` or `Stock Splits`.

Yahoo changes its past: Open, High, Low, Close and Dividends are divided by every LATER split, and
Volume is multiplied. Where `Stock Splits` is there they are restored to what was traded; without
it they cannot be. Prices that are adjusted for dividends too (yfinance with auto_adjust, which
leaves `Adj Close` out) are refused.
"""

import numpy as np
import polars as pl

from barque.data.importing.shapes.named import COLUMNS, named_table, zone_reason
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.data.importing.tables import FloatArray
from barque.domain.errors import BadInput, CorruptData
from barque.domain.instruments import Instrument

ADJUSTED, SPLITS, DIVIDENDS = "adj close", "stock splits", "dividends"


def claims(raw: Raw) -> str:
    """Say which of Yahoo's own columns are there."""
    own = [name for name in (ADJUSTED, SPLITS) if name in raw.names]
    return f"it has the column{'s' * (len(own) > 1)} {' and '.join(own)}" if own else ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return prices as they were traded, splits and dividends."""
    if ADJUSTED not in raw.names:
        raise BadInput(
            f"{raw.path.name} has no column Adj Close: its prices are adjusted for dividends with "
            "hindsight. Export it with auto_adjust=False; to take them as they are, pass --shape "
            "pandas."
        )
    plain = raw.frame.rename(lambda name: name.strip().lower())
    names = {"timestamp": "datetime" if "datetime" in plain.columns else "date"}
    table = named_table(Raw(raw.path, plain), said, names)
    facts = [Fact("time zone", table.zone, zone_reason(raw, table, said))]
    if SPLITS not in raw.names:
        why = "there is no column Stock Splits to restore them by"
        facts.append(Fact("prices", "adjusted for splits, with hindsight", why))
        return Reading(table=table, facts=tuple(facts), stamp=Stamp.OPEN)
    splits = table.numbers(SPLITS)
    if (splits < 0).any():
        row = int(np.flatnonzero(splits < 0)[0])
        raise CorruptData(
            f"{table.place(row, SPLITS)}: the value is {splits[row]}; 0 or a ratio is required."
        )
    restored = _restored(plain, np.where(splits == 0, 1.0, splits))
    facts.append(Fact("prices", "multiplied by every later split", "Yahoo divides them"))
    table = named_table(Raw(raw.path, restored), said, names)
    return Reading(table=table, facts=tuple(facts), stamp=Stamp.OPEN)


def _restored(frame: pl.DataFrame, splits: FloatArray) -> pl.DataFrame:
    """Undo, in each row, the splits of all later ones."""
    later = np.append(np.cumprod(splits[::-1])[::-1][1:], 1.0)
    factors = dict.fromkeys((*COLUMNS[1:5], DIVIDENDS), later) | {"volume": 1 / later}
    changed = [
        _times(frame[name], factor).alias("dividend" if name == DIVIDENDS else name)
        for name, factor in factors.items()
        if name in frame.columns
    ]
    return frame.with_columns(*changed, pl.Series("split", splits))


def _times(column: pl.Series, factor: FloatArray) -> pl.Series:
    """A column multiplied; where nothing is to be done, or a cell is no number, it stays."""
    numbers = column.cast(pl.Float64, strict=False)
    product = pl.Series(column.name, numbers * factor).cast(column.dtype)
    is_changed = pl.Series(factor != 1.0) & numbers.is_not_null()
    return product.zip_with(is_changed, column)


SHAPE = Shape("yahoo", claims, read)
