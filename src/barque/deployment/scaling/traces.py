"""Demand over time: the shapes that break autoscalers, and recorded ones from a file."""

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from barque.domain.errors import BadInput, UnknownName

HOUR = 3_600
LONGEST_SECONDS = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Trace:
    """Demand by the second, in replicas' worth of work when they are busy all the time.

    `blind` are the seconds in which no metric can be had; `scheduled` those of market hours, in
    which the schedules of a policy hold.
    """

    name: str
    words: str
    demand: tuple[float, ...]
    blind: range = range(0)
    scheduled: range = range(0)


def _trace(
    name: str,
    words: str,
    shape: Callable[[int], float],
    blind: range = range(0),
    scheduled: range = range(0),
) -> Trace:
    return Trace(name, words, tuple(shape(second) for second in range(HOUR)), blind, scheduled)


def _ramp(second: int) -> float:
    return 1 + 5 * min(max(second - 300, 0) / 1_500, 1)


def _spike(second: int) -> float:
    return 6.0 if 900 <= second < 1_020 else 1.0


def _sawtooth(second: int) -> float:
    return 1 + 3 * (second % 600) / 600


def _open(second: int) -> float:
    """A burst when the market opens that fades over half an hour."""
    since = second - 1_200
    return 0.6 if since < 0 else 1 + 4 * math.exp(-since / 900)


TRACES = {
    trace.name: trace
    for trace in (
        _trace("step", "demand goes to five times at once", lambda s: 1.0 if s < 600 else 5.0),
        _trace("ramp", "demand grows to six times in 25 minutes", _ramp),
        _trace("spike", "six times for two minutes", _spike),
        _trace("sawtooth", "up and down every ten minutes", _sawtooth),
        _trace(
            "missing",
            "a step while no metric can be had for ten minutes",
            lambda s: 1.0 if s < 900 else 4.0,
            range(780, 1_380),
        ),
        _trace(
            "open",
            "the market opens: a burst that fades",
            _open,
            scheduled=range(300, HOUR),
        ),
    )
}


def find_trace(name: str) -> Trace:
    """Return the trace of a name, or read the CSV file of that path."""
    if name in TRACES:
        return TRACES[name]
    if Path(name).suffix == ".csv":
        return read_trace(Path(name))
    raise UnknownName("trace", name, TRACES, "barque deploy scale-sim --help")


def read_trace(path: Path) -> Trace:
    """Read recorded demand: columns `seconds` (rising) and `demand` (replicas' worth of work)."""
    if not path.is_file():
        raise BadInput(f"{path} is not there. A trace is a CSV file with seconds and demand.")
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        if not {"seconds", "demand"} <= set(rows.fieldnames or ()):
            raise BadInput(f"{path} has the columns {rows.fieldnames}; seconds, demand are needed.")
        points = [_point(path, line, row) for line, row in enumerate(rows, start=2)]
    return Trace(path.stem, f"recorded in {path.name}", tuple(_by_the_second(path, points)))


def _point(path: Path, line: int, row: dict[str, str]) -> tuple[int, float]:
    try:
        seconds, demand = int(row["seconds"]), float(row["demand"])
    except (TypeError, ValueError):
        raise BadInput(f"{path}, line {line}: {row} is not two numbers.") from None
    if not (0 <= seconds <= LONGEST_SECONDS and 0 <= demand < math.inf):
        raise BadInput(
            f"{path}, line {line}: seconds {seconds}, demand {demand}; 0 to {LONGEST_SECONDS} "
            "seconds and a finite demand of 0 or more are allowed."
        )
    return seconds, demand


def _by_the_second(path: Path, points: list[tuple[int, float]]) -> Iterable[float]:
    if len(points) < 2 or any(b[0] <= a[0] for a, b in pairwise(points)):
        raise BadInput(f"{path}: two rows or more with rising seconds are needed.")
    for (begin, demand), (end, _) in pairwise(points):
        yield from [demand] * (end - begin)
    yield points[-1][1]
