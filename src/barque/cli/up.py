"""`barque up`: import, learn, test, trade on paper and serve the page."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from barque.cli.console import Progress, shown_progress

if TYPE_CHECKING:
    from barque.bootstrap.home import Home
    from barque.research.result import Result
    from barque.storage.store import Account


def up(
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65_535, help="The first port to try; BARQUE_PORT."),
    ] = None,
    pace: Annotated[
        float | None,
        typer.Option(
            "--pace", min=0, help="Slices of the replayed market a second, 0 for all at once."
        ),
    ] = None,
) -> None:
    """Go from nothing to a trading paper account and its page; Ctrl-C stops it cleanly.

    Imports the bundled sample, learns a model walk-forward, tests it, then trades what followed.
    Started again, it goes on where it was.
    """
    import asyncio

    from barque.bootstrap.up import Options
    from barque.bootstrap.up import up as bring_up
    from barque.cli.run import home, settings
    from barque.telemetry import open_log

    wanted = settings()
    options = Options(
        sample=wanted.sample,
        port=wanted.port if port is None else port,
        pace=wanted.pace if pace is None else pace,
        address=wanted.host,
    )
    with shown_progress() as progress, _log_stream(home()) as stream:
        asyncio.run(bring_up(home(), options, Telling(progress), open_log(stream)))


class Telling:
    """Tells a person at the keyboard how the start goes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

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

    def serving(self, url: str, account: "Account", position: int) -> None:
        has_traded = position > account.spec.get("history", 0)
        where = f"goes on at market event {position:,}" if has_traded else "begins"
        print(f"Account {account.name} {where}. The page: {url}", flush=True)


@contextmanager
def _log_stream(home: "Home") -> Iterator[TextIO]:
    """Log beside the store when a person looks on, and to standard error when nobody does."""
    if not sys.stderr.isatty():
        yield sys.stderr
        return
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "log.jsonl").open("a", buffering=1) as file:
        yield file
