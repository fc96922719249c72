"""`barque data check`: what is wrong with a file of market data."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from barque.cli.console import date_time, print_facts, print_json, print_table
from barque.cli.options import Json


def check_data(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .parquet or .feather.")],
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", metavar="NAME", help="24/7, 24/5, XNYS ...; else guessed."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help="The length of a bar; else guessed."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Write an SVG of it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for what is wrong, missing or strange in a file of market data.

    Doubles, gaps against the calendar, impossible bars and prices, outliers, splits that were not
    adjusted, mistaken time zones, crossed quotes. Nothing is written into the catalog.
    """
    from barque.data.health.check import check_file
    from barque.data.health.picture import picture as drawn

    health = check_file(file, now=time.time_ns(), calendar=calendar, period=period)
    if picture is not None:
        picture.write_text(drawn(health))
    if as_json:
        print_json(health_document(health))
    else:
        _show(health)


def health_document(health: Any) -> dict[str, Any]:
    """Return a file's health as it is told to programs."""
    facts = {name: getattr(health, name) for name in health.__slots__ if name != "findings"}
    findings = [
        {
            "check": one.check,
            "level": one.level,
            "symbol": one.symbol,
            "count": one.count,
            "says": one.says,
            "places": one.places,
        }
        for one in health.findings
    ]
    return facts | {"findings": findings}


def _show(health: Any) -> None:
    print_facts(
        (
            ("file", f"{health.file}: {health.rows:,} rows of {health.holds}"),
            ("judged by", f"{health.calendar or 'no calendar'}, {health.period or 'no period'}"),
            ("from", f"{date_time(health.start)} to {date_time(health.end)} UTC"),
        )
    )
    if not health.findings:
        print("Nothing was found.")
        return
    print_table(
        ("level", "check", "symbol", "says", "first row", "at (UTC)", "count"),
        (
            (
                one.level,
                one.check,
                one.symbol,
                one.says,
                f"{one.places[0].row:,}" if one.places else "",
                date_time(one.places[0].ts) if one.places else "",
                f"{one.count:,}",
            )
            for one in health.findings
        ),
        numbers=1,
    )
