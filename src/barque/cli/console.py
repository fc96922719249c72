"""How commands speak: answers on standard output, progress on standard error."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

Progress = Callable[[str, int, int], None]


def print_json(document: Any) -> None:
    """Print one JSON document; decimals and paths become exact text."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=1).decode())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> None:
    """Print rows under their columns; the last `numbers` columns are aligned to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for k, column in enumerate(columns):
        right = k >= len(columns) - numbers
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and what is to be said of them, in two columns."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, value)
    _console().print(table)


def date_time(ts: int | None) -> str:
    """Return nanoseconds UTC as a person writes them, to the second."""
    if ts is None:
        return ""
    return datetime.fromtimestamp(ts // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show what is being done, on standard error: a bar on a terminal, else a line a stage."""
    if not sys.stderr.isatty():
        yield _line_a_stage()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        pace = Pace()

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, pace="")
            for name, task in tasks.items():
                bars.update(task, visible=name == stage)
            said = pace.words(stage, done, total)
            bars.update(tasks[stage], completed=done, total=total or None, pace=said)

        yield progress


class Pace:
    """How fast a stage goes on and how long it still takes, in words; nothing in its first seconds.

    What was done before the stage was first heard of is not counted as speed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[str, tuple[float, int]] = {}

    def words(self, stage: str, done: int, total: int) -> str:
        """Return, as an example, '120 of 200, 35/s, 2 s left'."""
        now = self._clock()
        began, first = self._begun.setdefault(stage, (now, done))
        seconds = now - began
        if not total or seconds < 1.0 or done <= first:
            return ""
        rate = (done - first) / seconds
        return f"{done:,} of {total:,}, {rate:,.3g}/s, {_duration((total - done) / rate)} left"


SECONDS_BETWEEN_LINES = 15.0


def _line_a_stage() -> Progress:
    seen: dict[str, float] = {}
    pace = Pace()

    def progress(stage: str, done: int, total: int) -> None:
        said, now = pace.words(stage, done, total), time.monotonic()
        if stage not in seen:
            seen[stage] = now
            print(f"{stage} ...", file=sys.stderr, flush=True)
        elif said and now - seen[stage] > SECONDS_BETWEEN_LINES:
            seen[stage] = now
            print(f"{stage}: {said}", file=sys.stderr, flush=True)

    return progress


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"


def _console() -> Any:
    """Return where answers are printed; never narrower than a table needs when nobody looks on."""
    from rich.console import Console

    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)
