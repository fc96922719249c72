import pytest

from benchmarks import entrants
from benchmarks.budgets import verdicts
from benchmarks.reference import NEXT_OPEN, SAME_CLOSE
from benchmarks.rows import Row, Status

SPEEDS = {
    entrants.BARQUE_COMPILED: 18e6,
    entrants.BARQUE_SIGNALS: 9e6,
    entrants.BARQUE_PYTHON: 0.6e6,
    entrants.RAPTORBT: 6e6,
    entrants.VNPY: 0.3e6,
    entrants.NAUTILUS: 0.03e6,
}
FOOTPRINT = {"growth_mb": 1.0, "help_s": 0.2, "core_mb": 400.0}


def measured(entrant, speed, fills_are=NEXT_OPEN, equity_error=0.0, bars=100_000):
    figures = {
        "bars_per_s": speed,
        "trade_bars_per_s": speed,
        "fills_are": fills_are,
        "equity_error": equity_error,
    }
    return Row(entrant=entrant.name, bars=bars, status=Status.MEASURED, figures=figures)


def rows(**changed):
    return [measured(entrant, speed, **changed) for entrant, speed in SPEEDS.items()]


def met(found, footprint=FOOTPRINT):
    return [verdict.met for verdict in verdicts(found, footprint)]


def test_all_budgets_are_met_when_each_just_is():
    assert met(rows()) == [True] * 7


@pytest.mark.parametrize(
    ("slower", "missed"), [(entrants.BARQUE_COMPILED, [1]), (entrants.BARQUE_PYTHON, [3])]
)
def test_a_little_less_speed_misses_a_budget(slower, missed):
    found = [row for row in rows() if row.entrant != slower.name]
    found.append(measured(slower, SPEEDS[slower] * 0.99))

    assert [k for k, kept in enumerate(met(found)) if not kept] == missed


def test_the_worst_size_decides():
    larger = [measured(entrants.BARQUE_COMPILED, 17e6, bars=10**6)]
    larger += [measured(entrants.RAPTORBT, 6e6, bars=10**6)]

    [_, compiled, *_] = verdicts(rows() + larger, FOOTPRINT)

    assert not compiled.met
    assert compiled.found == (
        "3.0 at 100,000 bars (3.0 trading alone), 2.8 at 1,000,000 bars (2.8 trading alone)"
    )


@pytest.mark.parametrize(
    "wrong", [{"fills_are": SAME_CLOSE}, {"fills_are": None}, {"equity_error": -0.02}]
)
def test_our_fills_must_be_the_reference_s(wrong):
    assert met(rows(**wrong))[0] is False


def test_what_was_not_measured_is_neither_met_nor_missed():
    failed = [Row(entrant=entrant.name, bars=100_000, status=Status.FAILED) for entrant in SPEEDS]

    assert met(failed, {}) == [False] + [None] * 6
    assert met([], {})[0] is None


@pytest.mark.parametrize(
    ("name", "value"), [("growth_mb", 20.0), ("help_s", 0.3), ("core_mb", 600.0)]
)
def test_a_footprint_at_its_limit_is_too_large(name, value):
    assert met(rows(), FOOTPRINT | {name: value}).count(False) == 1
