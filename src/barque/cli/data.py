"""`barque data`: bring market data into the catalog, and see what it holds."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from barque.cli.console import date_time, print_json, print_table, shown_progress
from barque.cli.options import Json
from barque.cli.values import column_names, optional_decimal
from barque.domain.errors import BadInput


def import_data(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A CSV or Parquet file of bars.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Import the bundled sample.")] = False,
    instrument: Annotated[
        str | None, typer.Option("--instrument", "-i", metavar="ID", help="As AAPL.XNAS.")
    ] = None,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="The length of a bar: 1m, 1h, 1d ...")
    ] = "1d",
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="equity, spot, perpetual or fx.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="What it is quoted in.")
    ] = None,
    calendar: Annotated[
        str | None, typer.Option("--calendar", metavar="NAME", help="24/7, 24/5, XNYS ...")
    ] = None,
    tick: Annotated[
        str | None, typer.Option("--tick", metavar="PRICE", help="The step of an order's price.")
    ] = None,
    lot: Annotated[
        str | None, typer.Option("--lot", metavar="QUANTITY", help="The step of its quantity.")
    ] = None,
    column: Annotated[
        list[str],
        typer.Option("--column", metavar="OURS=THEIRS", help="A column's name in the file."),
    ] = [],  # noqa: B006 - typer copies it
    as_json: Json = False,
) -> None:
    """Import a file of bars, or the bundled sample, into the catalog.

    A file has a time, open, high, low, close and volume, and may have split and dividend. An
    instrument that the catalog knows needs no more than its --instrument.
    """
    from barque.bootstrap.imports import InstrumentDescription, import_bars, import_bundled
    from barque.cli.run import home, settings

    if sample == (file is not None):
        raise BadInput("Give one of the two: a FILE, or --sample for the bundled data.")
    with shown_progress() as progress:
        if file is None:
            found = import_bundled(home(), settings().sample, progress, time.time_ns())
        else:
            description = InstrumentDescription(
                instrument,
                kind,
                currency,
                calendar,
                optional_decimal("--tick", tick),
                optional_decimal("--lot", lot),
            )
            names = column_names(column)
            found = import_bars(home(), file, description, period, names, time.time_ns())
    _show(found, as_json)


def list_data(as_json: Json = False) -> None:
    """Show what the catalog holds: instruments, kinds, rows, times and content hashes."""
    from barque.bootstrap.backtests import filled_catalog
    from barque.cli.run import home

    _show(filled_catalog(home()).datasets(), as_json)


def _show(datasets: list[Any], as_json: bool) -> None:
    if as_json:
        print_json({"datasets": datasets})
        return
    print_table(
        ("instrument", "kind", "period", "from (UTC)", "to (UTC)", "hash", "rows"),
        (
            (
                one.instrument,
                one.kind,
                one.period,
                date_time(one.start),
                date_time(one.end),
                one.content_hash[:12],
                f"{one.rows:,}",
            )
            for one in datasets
        ),
        numbers=1,
    )
