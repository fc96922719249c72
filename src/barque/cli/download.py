"""`barque data download`: bars from an exchange or a broker into the catalog."""

import time
from typing import Annotated, Any

import typer

from barque.cli.console import date_time, print_json, shown_progress
from barque.cli.data import print_datasets
from barque.cli.options import Instruments, Json, Period, To
from barque.cli.values import nanoseconds


def download_data(
    instrument: Instruments,
    period: Period,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="The first moment (UTC), as 2024-01-31.")
    ],
    end: To = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="alpaca, or an exchange of ccxt: binance."),
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Option("--symbol", metavar="NAME", help="The venue's own name: BTC/USDT."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="spot or perpetual.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask also for bars that the venue did not have before.")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Another address of the venue.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Download the bars that the catalog has not: all of a period, and what is missing between.

    Who is asked follows from the venue in the instrument's id: Alpaca for US shares, else the
    exchange of that name. Interrupted, it goes on where it was when it is run again.
    """
    from barque.bootstrap.downloads import Question, download_bars
    from barque.cli.run import home

    first = nanoseconds("--from", start)
    assert first is not None, "--from is required"
    question = Question(
        instruments=instrument,
        period=period,
        start=first,
        end=nanoseconds("--to", end),
        source=source,
        symbol=symbol,
        kind=kind,
        url=url,
        again=again,
    )
    with shown_progress() as progress:
        came, there = download_bars(home(), question, time.time_ns(), progress)
    if as_json:
        print_json({"downloads": came, "datasets": there})
        return
    print_datasets(there)
    for one in came:
        print(f"{one.instrument}: {one.new:,} new bars of {one.period}.", _lacking(one))


def _lacking(one: Any) -> str:
    if not one.missing:
        return "None is missing."
    return (
        f"{one.missing:,} of the {one.expected:,} that the calendar expects are not to be had, the "
        f"first at {date_time(one.first_missing)} UTC."
    )
