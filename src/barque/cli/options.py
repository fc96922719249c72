"""The options that several commands share, in the same words everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON document on standard output.")
]

StrategyName = Annotated[
    str,
    typer.Argument(
        metavar="STRATEGY", help="A name from `barque strategy list`, or path/to/file.py[:Class]."
    ),
]
Instruments = Annotated[
    list[str],
    typer.Option(
        "--instrument", "-i", metavar="ID", help="An instrument, as AAPL.XNAS; may be repeated."
    ),
]
Period = Annotated[
    str, typer.Option("--period", metavar="PERIOD", help="The bars: 1m, 5m, 1h, 1d ...")
]
Market = Annotated[
    list[str],
    typer.Option(
        "--market",
        metavar="KIND",
        help="What is told: bar (if not said), quote_bar, trade or quote; may be repeated.",
    ),
]
Timers = Annotated[
    list[str],
    typer.Option(
        "--timer", metavar="PERIOD", help="Wake on_timer at each full 5m, 1h ...; may be repeated."
    ),
]
Built = Annotated[
    list[str],
    typer.Option(
        "--build",
        metavar="HOW",
        help="Build bars: 1h, ticks:500, volume:1000, value:50000, renko:0.5; may be repeated.",
    ),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="The first moment (UTC), as 2010-01-31."),
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="The first moment that is left out (UTC)."),
]
Parameters = Annotated[
    list[str],
    typer.Option("--set", metavar="NAME=VALUE", help="A strategy's parameter; may be repeated."),
]
BenchmarkName = Annotated[
    str | None,
    typer.Option(
        "--benchmark", metavar="ID", help="An instrument to compare with; else buying and holding."
    ),
]
RiskFree = Annotated[
    str,
    typer.Option("--risk-free", metavar="FRACTION", help="Interest of a year, for Sharpe ratios."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to list at most.")]
ReportTo = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="Where to write the report.")
]
Folder = Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="Where to write it.")]
