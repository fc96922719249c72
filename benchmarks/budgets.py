"""The budgets of the product, held against what was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import entrants
from benchmarks.contests import PORTFOLIO, SWEEP, Finding
from benchmarks.entrants import ENTRANTS, Entrant, Role
from benchmarks.reference import NEXT_OPEN
from benchmarks.rows import Row, Status
from benchmarks.turns import EVENED_OUT, PAIRS_OF_MEANS, Match

COMPILED_OVER_FASTEST = 3.0
PYTHON_OVER_VNPY = 1.5
PYTHON_OVER_NAUTILUS = 20.0
MOST_GROWTH = 20.0  # MB
MOST_HELP = 0.3  # seconds
MOST_CORE = 600.0  # MB
SWEEP_OVER_FASTEST = 4.0
MOST_PORTFOLIO = 60.0  # ms
PORTFOLIO_TO_FASTEST = 2.4  # times the fastest peer's time: 60 ms where that takes 25
CENT = 0.01

PEERS = tuple(entrant for entrant in ENTRANTS if entrant.role == Role.PEER)
OURS = tuple(entrant for entrant in ENTRANTS if entrant.role == Role.BARQUE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise, what was found, and whether that keeps it; None when nothing was measured."""

    promise: str
    found: str
    met: bool | None


def verdicts(
    rows: Sequence[Row], footprint: dict[str, Any], matches: Sequence[Match] = ()
) -> list[Verdict]:
    """Judge every budget that this benchmark can; a ratio by turns, if they were taken."""
    ours, vnpy, nautilus = entrants.BARQUE_PYTHON, [entrants.VNPY], [entrants.NAUTILUS]
    return [
        _exact(rows),
        _ratio(
            rows,
            matches,
            entrants.BARQUE_COMPILED,
            PEERS,
            COMPILED_OVER_FASTEST,
            "the fastest peer",
        ),
        _ratio(rows, matches, ours, vnpy, PYTHON_OVER_VNPY, "vnpy"),
        _ratio(rows, matches, ours, nautilus, PYTHON_OVER_NAUTILUS, "NautilusTrader"),
        _at_most(
            footprint.get("growth_mb"), MOST_GROWTH, "MB", "500 more backtests after 10 add less"
        ),
        _at_most(footprint.get("help_s"), MOST_HELP, "s", "`barque --help` takes less"),
        _at_most(footprint.get("core_mb"), MOST_CORE, "MB", "the installed core takes less"),
    ]


def contest_verdicts(found: Sequence[Finding], matches: Sequence[Match] = ()) -> list[Verdict]:
    """Judge the budgets of the sweep and of the portfolio."""
    seconds = {(one.task, one.name): float(one.figures["seconds"]) for one in found if one.figures}
    whole = next(
        (o.figures.get("whole_s") for o in found if (o.task, o.name) == (PORTFOLIO, "Barque")), None
    )
    ours, theirs = seconds.get((SWEEP, "Barque")), seconds.get((SWEEP, "raptorbt"))
    promise = f"Barque, a sweep of 200 pairs: at least {SWEEP_OVER_FASTEST:g} times raptorbt"
    swept = Verdict(promise, "not measured", None)
    if turns := [match for match in matches if match.what == PAIRS_OF_MEANS]:
        swept = _by_turns(promise, turns, SWEEP_OVER_FASTEST)
    elif ours is not None and theirs is not None:
        swept = Verdict(promise, f"{theirs / ours:.1f}", theirs / ours >= SWEEP_OVER_FASTEST)
    return [
        swept,
        _at_most(
            None if whole is None else whole * 1e3,
            MOST_PORTFOLIO,
            "ms",
            "Barque, a portfolio of 500 by 2,500 takes less",
        ),
        _longer(matches),
    ]


def _longer(matches: Sequence[Match]) -> Verdict:
    """Judge how many times as long as the fastest peer's a portfolio takes."""
    most = PORTFOLIO_TO_FASTEST
    promise = f"Barque, the same portfolio: at most {most:g} times raptorbt's time"
    found = next((match for match in matches if match.what == EVENED_OUT), None)
    if found is None:
        return Verdict(promise, "not measured", None)
    times = [1.0 / ratio for ratio in (found.median, max(found.ratios), min(found.ratios))]
    turns = f"{times[1]:.1f} to {times[2]:.1f} in {len(found.ratios)} turns"
    return Verdict(promise, f"{times[0]:.1f} ({turns})", times[0] <= most)


def is_exact(row: Row, timing: str = NEXT_OPEN) -> bool:
    """Say whether a row's fills are the reference's, each of them, and its equity to the cent."""
    figures = row.figures
    return figures.get("fills_are") == timing and abs(figures["equity_error"]) <= CENT


def _exact(rows: Sequence[Row]) -> Verdict:
    names = {entrant.name for entrant in OURS}
    ours = [row for row in rows if row.entrant in names]
    exact = sum(map(is_exact, ours))
    promise = "Barque's fills are the reference's in every style and size"
    return Verdict(promise, f"{exact} of {len(ours)} rows", exact == len(ours) if ours else None)


def _by_turns(promise: str, turns: Sequence[Match], least: float) -> Verdict:
    met = min(match.median for match in turns) >= least
    return Verdict(promise, ", ".join(map(str, turns)), met)


def _ratio(
    rows: Sequence[Row],
    matches: Sequence[Match],
    ours: Entrant,
    peers: Iterable[Entrant],
    least: float,
    against: str,
) -> Verdict:
    """Compare bars per second from columns to statistics, at every size that both finished."""
    names = {peer.name for peer in peers}
    promise = f"{ours.name}: at least {least:g} times {against}"
    if turns := [one for one in matches if one.ours == ours.name and one.theirs in names]:
        return _by_turns(promise, turns, least)
    whole: dict[int, float] = {}
    found: list[str] = []
    for row in rows:
        rivals = [r for r in rows if r.entrant in names and r.bars == row.bars and _measured(r)]
        if row.entrant == ours.name and _measured(row) and rivals:
            whole[row.bars] = _times(row, rivals, "bars_per_s")
            alone = _times(row, rivals, "trade_bars_per_s")
            found.append(f"{whole[row.bars]:.1f} at {row.bars:,} bars ({alone:.1f} trading alone)")
    met = min(whole.values()) >= least if whole else None
    return Verdict(promise, ", ".join(found) or "not measured", met)


def _times(ours: Row, rivals: Iterable[Row], speed: str) -> float:
    return float(ours.figures[speed] / max(rival.figures[speed] for rival in rivals))


def _measured(row: Row) -> bool:
    return row.status == Status.MEASURED


def _at_most(value: float | None, most: float, unit: str, promise: str) -> Verdict:
    promise = f"{promise} than {most:g} {unit}"
    if value is None:
        return Verdict(promise, "not measured", None)
    return Verdict(promise, f"{value:.2f} {unit}", value < most)
