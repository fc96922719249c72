"""Two engines that take turns, so that their ratio is not that of two moments of the machine.

A machine of which others use a part runs half as fast at one moment as at the next. Rows that were
measured minutes apart would compare the machine with itself. Here two engines take turns, a process
each; every turn has a ratio, and a budget is held against the median of them.
"""

import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.contests import CONTESTANTS, PORTFOLIO, SWEEP, Contestant, Finding
from benchmarks.entrants import BARQUE_COMPILED, BARQUE_PYTHON, NAUTILUS, RAPTORBT, VNPY, Entrant
from benchmarks.rows import Bench

TURNS = 3
PAIRS = (
    (BARQUE_COMPILED, RAPTORBT, 100_000),
    (BARQUE_COMPILED, RAPTORBT, 1_000_000),
    (BARQUE_COMPILED, RAPTORBT, 10_000_000),
    (BARQUE_PYTHON, VNPY, 100_000),
    (BARQUE_PYTHON, NAUTILUS, 100_000),
)
PAIRS_OF_MEANS, EVENED_OUT = "200 pairs", "500 by 2,500"
CONTESTS = ((SWEEP, PAIRS_OF_MEANS), (PORTFOLIO, EVENED_OUT))
FILE = "turns.json"

Speed = Callable[[], float]
"""Measures an engine anew and returns how fast it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How many times as fast as another engine ours was, turn by turn."""

    ours: str
    theirs: str
    what: str
    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    def __str__(self) -> str:
        low, high = min(self.ratios), max(self.ratios)
        turns = f"{low:.1f} to {high:.1f} in {len(self.ratios)} turns"
        return f"{self.median:.1f} at {self.what} ({turns})"


def hold(
    bench: Bench,
    contest: Callable[[Contestant], Finding],
    only: str,
    say: Callable[[str], None],
) -> list[Match]:
    """Let all pairs take their turns; with `only`, return what was kept, unless it names turns."""
    kept = bench.kept / FILE
    if only and only.lower() != "turns":
        return _kept(kept)
    matches = []
    for rivals in _rivals(bench, contest):
        match = take_turns(*rivals)
        say(f"{'in turns':>12}  {match.ours} over {match.theirs}: {match}")
        matches.append(match)
    kept.write_text(json.dumps([asdict(match) for match in matches], indent=1))
    return matches


def take_turns(ours: str, theirs: str, what: str, our_speed: Speed, their_speed: Speed) -> Match:
    """Measure both, TURNS times by turns; who begins changes."""
    ratios = []
    for turn in range(TURNS):
        if turn % 2:
            mine, other = our_speed(), their_speed()
        else:
            other, mine = their_speed(), our_speed()
        ratios.append(mine / other)
    return Match(ours=ours, theirs=theirs, what=what, ratios=tuple(ratios))


def _rivals(
    bench: Bench, contest: Callable[[Contestant], Finding]
) -> Iterator[tuple[str, str, str, Speed, Speed]]:
    """Yield who is held against whom, at what, and how either is measured."""
    for one, other, bars in PAIRS:
        speeds = (_of_rows(bench, one, bars), _of_rows(bench, other, bars))
        yield (one.name, other.name, f"{bars:,} bars", *speeds)
    for task, what in CONTESTS:
        ours, theirs = (_contestant(task, name) for name in ("Barque", "raptorbt"))
        speeds = (_of_contest(contest, ours), _of_contest(contest, theirs))
        yield (ours.name, theirs.name, what, *speeds)


def _of_rows(bench: Bench, entrant: Entrant, bars: int) -> Speed:
    return lambda: float(bench.figures(entrant, bars)["bars_per_s"])


def _of_contest(contest: Callable[[Contestant], Finding], one: Contestant) -> Speed:
    def speed() -> float:
        figures = contest(one).figures
        return 1.0 / float(figures.get("whole_s", figures["seconds"]))

    return speed


def _contestant(task: str, name: str) -> Contestant:
    return next(one for one in CONTESTANTS if (one.task, one.name) == (task, name))


def _kept(file: Path) -> list[Match]:
    if not file.exists():
        return []
    matches = json.loads(file.read_text())
    return [Match(**match | {"ratios": tuple(match["ratios"])}) for match in matches]
