"""`barque data`: bring market data into the catalog, and see what it holds."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from barque.cli.console import date_time, print_json, print_table, shown_progress
from barque.cli.options import Json
from barque.cli.values import bar_stamp, column_names, nanoseconds, optional_decimal
from barque.domain.errors import BadInput


def import_data(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A .csv, .parquet, .feather, .zip or .json."),
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Import the bundled sample.")] = False,
    instrument: Annotated[
        str | None, typer.Option("--instrument", "-i", metavar="ID", help="As AAPL.XNAS.")
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help="The length of a bar: 1m, 1h, 1d ..."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="equity, spot, perpetual, future or fx."),
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
    multiplier: Annotated[
        str | None,
        typer.Option("--multiplier", metavar="NUMBER", help="Units that one contract stands for."),
    ] = None,
    margined: Annotated[
        bool | None,
        typer.Option(
            "--margined/--paid",
            help="Only profit and loss are settled (futures, perpetuals), or the whole is paid.",
            show_default=False,
        ),
    ] = None,
    expiry: Annotated[
        str | None,
        typer.Option("--expiry", metavar="TIME", help="When it ends and is settled (UTC)."),
    ] = None,
    column: Annotated[
        list[str],
        typer.Option("--column", metavar="OURS=THEIRS", help="A column's name in the file."),
    ] = [],  # noqa: B006 - typer copies it
    holds: Annotated[
        str | None,
        typer.Option("--holds", metavar="WHAT", help="bars, quotes, trades, funding ..."),
    ] = None,
    only: Annotated[
        list[str],
        typer.Option("--only", metavar="COLUMN=VALUE", help="Take only the rows with this value."),
    ] = [],  # noqa: B006 - typer copies it
    shape: Annotated[
        str | None,
        typer.Option("--shape", metavar="NAME", help="Who wrote it: pandas, binance, lean ..."),
    ] = None,
    stamp: Annotated[
        str | None,
        typer.Option("--stamp", metavar="MOMENT", help="What a bar's time is: open or close."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar="ZONE", help="Of times without one, as Europe/Berlin."),
    ] = None,
    time_format: Annotated[
        str | None,
        typer.Option("--time-format", metavar="FORMAT", help="How times are written: %d/%m/%Y."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is understood; write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import a file of market data, or the bundled sample, into the catalog.

    Bars have a time, open, high, low, close and volume, and may have split and dividend. Quotes,
    trades, quote bars and what happens beside trading are told by their columns. An instrument that
    the catalog knows needs no more than its --instrument.
    """
    from barque.bootstrap.imports import (
        InstrumentDescription,
        import_bars,
        import_bundled,
        understood_bars,
    )
    from barque.cli.run import home, settings
    from barque.data.importing.shapes.reading import Said

    if sample == (file is not None):
        raise BadInput("Give one of the two: a FILE, or --sample for the bundled data.")
    if file is None:
        with shown_progress() as progress:
            found = import_bundled(home(), settings().sample, progress, time.time_ns())
        _show(found, as_json)
        return
    description = InstrumentDescription(
        instrument,
        kind,
        currency,
        calendar,
        optional_decimal("--tick", tick),
        optional_decimal("--lot", lot),
        optional_decimal("--multiplier", multiplier),
        margined,
        nanoseconds("--expiry", expiry),
    )
    said = Said(
        shape=shape,
        period=period,
        stamp=bar_stamp(stamp),
        zone=zone,
        time_format=time_format,
        names=column_names("--column", column),
        only=column_names("--only", only),
        holds=holds,
    )
    bars = understood_bars(home(), file, description, said, time.time_ns())
    if dry_run:
        _show_understood(bars, as_json)
    else:
        _show(import_bars(home(), bars), as_json)


def list_data(as_json: Json = False) -> None:
    """Show what the catalog holds: instruments, kinds, rows, times and content hashes."""
    from barque.bootstrap.backtests import filled_catalog
    from barque.cli.run import home

    _show(filled_catalog(home()).datasets(), as_json)


def _show_understood(bars: Any, as_json: bool) -> None:
    tables = [
        {
            "kind": table.kind,
            "period": table.period,
            "rows": table.columns["ts"].size,
            "start": int(table.columns["ts"][0]),
            "end": int(table.columns["ts"][-1]),
        }
        for table in bars.tables
    ]
    if as_json:
        print_json({"understood": bars.facts, "would_write": tables})
        return
    facts = [(fact.what, fact.value, fact.why) for fact in bars.facts]
    for table in tables:
        span = f"known from {date_time(table['start'])} to {date_time(table['end'])} UTC"
        facts.append((f"{table['kind']} rows", f"{table['rows']:,}", span))
    print_table(("what", "understood", "why"), facts)
    print("Nothing was written.")


def _show(datasets: list[Any], as_json: bool) -> None:
    if as_json:
        print_json({"datasets": datasets})
    else:
        print_datasets(datasets)


def print_datasets(datasets: list[Any]) -> None:
    """Print what the catalog holds, a line a data set."""
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
