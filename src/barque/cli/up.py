"""`barque up` and `barque run`: everything in one process, or one role of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from barque.cli.console import Progress, shown_progress

if TYPE_CHECKING:
    from barque.bootstrap.home import Home
    from barque.bootstrap.options import Options
    from barque.research.result import Result
    from barque.settings import Settings
    from barque.storage.store import Account

Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65_535, help="The port to listen on; BARQUE_PORT."),
]
Pace = Annotated[
    float | None,
    typer.Option(
        "--pace", min=0, help="Slices of the replayed market a second, 0 for all at once."
    ),
]


TermsFile = Annotated[
    Path | None,
    typer.Option("--terms", metavar="FILE", help="The terms of a new account, in a TOML file."),
]


def up(port: Port = None, pace: Pace = None, terms: TermsFile = None) -> None:
    """Go from nothing to a trading paper account and its page; Ctrl-C stops it cleanly.

    Imports the bundled sample, learns a model walk-forward, tests it, then trades what followed.
    Started again, it goes on where it was. The port is the first of those that are tried.
    """
    import asyncio

    from barque.bootstrap.terms import asked_terms, terms_of
    from barque.bootstrap.up import up as bring_up
    from barque.cli.run import home, settings
    from barque.telemetry import open_log

    wanted = settings()
    options = _options(wanted, wanted.port if port is None else port, pace)
    if terms is not None:
        options = replace(options, terms=terms_of(asked_terms(terms, {}), str(terms)))
    with shown_progress() as progress, _log_stream(home()) as stream:
        told = Telling(progress)
        asyncio.run(bring_up(home(), options, told, told.address, open_log(stream)))


def run(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="`api` (8000) or `trader` (8001).")],
    port: Port = None,
    pace: Pace = None,
) -> None:
    """Run one role of Barque as a process of its own, as containers do; SIGTERM stops it cleanly.

    They share a home: `trader` prepares it and trades, `api` shows it. Either may start first.
    """
    import asyncio

    from barque.bootstrap.roles import STARTERS, role_of
    from barque.cli.run import home, settings
    from barque.telemetry import open_log

    chosen, wanted = role_of(role), settings()
    own = wanted.port if "port" in wanted.model_fields_set else chosen.port or wanted.port
    options = _options(wanted, own if port is None else port, pace)
    with shown_progress() as progress:
        told = Telling(progress, role)
        start = STARTERS[role](home(), options, told, told.listening, open_log(sys.stderr))
        asyncio.run(start)


def _options(wanted: "Settings", port: int, pace: float | None) -> "Options":
    from barque.bootstrap.options import Doors, Options
    from barque.service.guard import host_names

    doors = Doors(
        port=port, address=wanted.host, hosts=host_names(wanted.hosts), drain=wanted.drain
    )
    return Options(sample=wanted.sample, doors=doors, pace=wanted.pace if pace is None else pace)


class Telling:
    """Tells a person at the keyboard how the start goes."""

    def __init__(self, progress: Progress, role: str = "") -> None:
        self._progress, self._role = progress, role
        self._page = ""

    def progress(self, stage: str, done: int, total: int) -> None:
        self._progress(stage, done, total)

    def tested(self, result: "Result", trials: int) -> None:
        sharpe = result.statistics.sharpe
        print(
            f"Out of sample: equity {result.cash:,.0f} -> {result.final_equity:,.0f}, "
            f"Sharpe {'unknown' if sharpe is None else format(sharpe, '.2f')} "
            f"(trial {trials} on these data)",
            flush=True,
        )

    def trading(self, account: "Account", position: int) -> None:
        has_traded = position > account.spec.get("history", 0)
        where = f"goes on at market event {position:,}" if has_traded else "begins"
        print(f"Account {account.name} {where}.{self._page}", flush=True)

    def address(self, url: str) -> None:
        """Keep the page's address until the account trades: before, there is little to see."""
        self._page = f" The page: {url}"

    def listening(self, url: str) -> None:
        print(f"The {self._role} listens on {url}", flush=True)


@contextmanager
def _log_stream(home: "Home") -> Iterator[TextIO]:
    """Log beside the store when a person looks on, and to standard error when nobody does."""
    if not sys.stderr.isatty():
        yield sys.stderr
        return
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "log.jsonl").open("a", buffering=1) as file:
        yield file
