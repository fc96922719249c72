"""`barque data prices` and `barque data universe`: what was known on a day."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from barque.cli.console import date_time, print_json, print_table
from barque.cli.options import From, Json
from barque.cli.values import nanoseconds
from barque.domain.errors import BadInput

NUMBERS = ("open", "high", "low", "close", "volume", "factor")


def prices(
    instrument: Annotated[str, typer.Argument(metavar="ID", help="As AAPL.XNAS.")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="Who looks, and when (UTC); else now."),
    ] = None,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="The bars: 1m, 1h, 1d ...")
    ] = "1d",
    start: From = None,
    rows: Annotated[
        int, typer.Option("--rows", metavar="N", min=0, help="Show the last N; 0 is all.")
    ] = 20,
    splits_only: Annotated[
        bool, typer.Option("--splits-only", help="Do not adjust for dividends.")
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Write all of them: .csv or .parquet."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show prices as somebody saw them on a day: adjusted for what had happened until then.

    What was traded is multiplied by `factor`. What came after that day changes nothing.
    """
    from barque.bootstrap.views import prices_as_of, write_table
    from barque.cli.run import home

    seen_at = nanoseconds("--as-of", as_of)
    seen_at = time.time_ns() if seen_at is None else seen_at
    bars = prices_as_of(
        home(),
        instrument,
        period,
        seen_at,
        dividends=not splits_only,
        start=nanoseconds("--from", start),
    )
    if write is not None:
        write_table(bars, write)
    shown = bars.tail(rows) if rows else bars
    if as_json:
        print_json(_document(instrument, period, seen_at, bars.height, shown))
        return
    print_table(
        ("begins (UTC)", "known (UTC)", *NUMBERS),
        (
            (
                f"{row['start']:%Y-%m-%d %H:%M}",
                f"{row['ts']:%Y-%m-%d %H:%M}",
                *(f"{row[name]:,.10g}" for name in NUMBERS),
            )
            for row in shown.iter_rows(named=True)
        ),
        numbers=len(NUMBERS),
    )
    print(f"{shown.height:,} of {bars.height:,} bars, as of {date_time(seen_at)} UTC.")


def universe(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table of instrument, entry and exit.")
    ],
    on: Annotated[
        str | None, typer.Option("--on", metavar="TIME", help="Only who was in it then (UTC).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show who was in a universe on a day, those that are gone since included.

    An instrument is in it from its entry up to, not including, its exit.
    """
    from barque.bootstrap.views import members
    from barque.cli.run import home

    if not file.exists():
        raise BadInput(f"There is no file {file}.")
    moment = nanoseconds("--on", on)
    found = members(home(), file, moment)
    lacking = sorted({one.instrument for one in found if not one.kinds})
    if as_json:
        print_json({"on": moment, "members": found, "without_data": lacking})
        return
    print_table(
        ("instrument", "entry (UTC)", "exit (UTC)", "in the catalog"),
        (
            (one.instrument, date_time(one.entry), date_time(one.exit), ", ".join(one.kinds))
            for one in found
        ),
    )
    print(f"{len({one.instrument for one in found}):,} instruments, {len(lacking):,} without data.")


def _document(instrument: str, period: str, as_of: int, count: int, shown: Any) -> dict[str, Any]:
    times = {name: shown[name].dt.timestamp("ns").to_list() for name in ("start", "ts")}
    numbers = {name: shown[name].to_list() for name in NUMBERS}
    return {
        "instrument": instrument,
        "period": period,
        "as_of": as_of,
        "count": count,
        "bars": {**times, **numbers},
    }
