"""What the catalog says when it is asked: prices as of a day, and who could be chosen then."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from barque.bootstrap.home import Home
from barque.data.catalog import Catalog
from barque.data.views.point_in_time import adjusted_bars
from barque.data.views.universe import STILL_THERE, read_universe
from barque.domain.errors import BadInput

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": pl.DataFrame.write_csv,
    ".parquet": pl.DataFrame.write_parquet,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One stay of an instrument in a universe, nanoseconds UTC; `exit` is None if it is there.

    `kinds` are the market data that the catalog has of it.
    """

    instrument: str
    entry: int
    exit: int | None
    kinds: tuple[str, ...]


def prices_as_of(
    home: Home, instrument: str, period: str, as_of: int, *, dividends: bool, start: int | None
) -> pl.DataFrame:
    """Return the bars that were known at `as_of`, adjusted for what had happened until then."""
    bars = adjusted_bars(Catalog(home.catalog), instrument, period, as_of, dividends=dividends)
    if start is None:
        return bars
    found = bars.filter(pl.col("start").dt.timestamp("ns") >= start)
    if not found.height:
        raise BadInput(f"{instrument} has no bars of {period} between --from and --as-of.")
    return found


def write_table(frame: pl.DataFrame, file: Path) -> None:
    """Write a table as .csv or .parquet."""
    if file.suffix not in WRITERS:
        raise BadInput(f"{file.name} is none of {', '.join(WRITERS)}.")
    WRITERS[file.suffix](frame, file)


def members(home: Home, file: Path, on: int | None) -> list[Member]:
    """Return the stays of a universe that hold at `on`, or all of them, in order of their names."""
    universe = read_universe(file)
    kinds: dict[str, list[str]] = {}
    for one in Catalog(home.catalog).datasets():
        kinds.setdefault(one.instrument, []).append(f"{one.kind} {one.period}")
    stays = sorted(zip(universe.instruments, universe.entries, universe.exits, strict=True))
    return [
        Member(
            name,
            int(entry),
            None if leaves == STILL_THERE else int(leaves),
            tuple(kinds.get(name, ())),
        )
        for name, entry, leaves in stays
        if on is None or entry <= on < leaves
    ]
