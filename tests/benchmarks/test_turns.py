"""Two engines take turns, and a budget is held against the median of their ratios."""

import pytest

from benchmarks import entrants, turns
from benchmarks.budgets import contest_verdicts, verdicts
from benchmarks.contests import Finding
from benchmarks.rows import Bench
from benchmarks.turns import Match, take_turns


def match(ratios, ours=entrants.BARQUE_COMPILED.name, theirs=entrants.RAPTORBT.name, what="5 bars"):
    return Match(ours=ours, theirs=theirs, what=what, ratios=ratios)


def test_who_begins_changes_and_each_turn_has_a_ratio():
    asked, speeds = [], iter([2.0, 6.0, 8.0, 2.0, 1.0, 5.0])

    def engine(name):
        def speed():
            asked.append(name)
            return next(speeds)

        return speed

    found = take_turns("ours", "theirs", "5 bars", engine("ours"), engine("theirs"))

    assert asked == ["theirs", "ours", "ours", "theirs", "theirs", "ours"]
    assert found.ratios == (3.0, 4.0, 5.0)
    assert str(found) == "4.0 at 5 bars (3.0 to 5.0 in 3 turns)"


@pytest.mark.parametrize(("ratios", "met"), [((2.0, 3.0, 9.0), True), ((2.9, 2.9, 9.0), False)])
def test_the_median_of_the_turns_decides(ratios, met):
    [_, compiled, *_] = verdicts([], {}, [match(ratios)])

    assert compiled.met is met
    assert "in 3 turns" in compiled.found


def test_the_worst_of_several_sizes_decides():
    [_, compiled, *_] = verdicts([], {}, [match((3.5,)), match((2.5,), what="6 bars")])

    assert not compiled.met


@pytest.mark.parametrize(("ratio", "met"), [(4.0, True), (3.9, False)])
def test_a_sweep_is_held_against_its_own_turns(ratio, met):
    sweep = match((ratio,), ours="Barque", theirs="raptorbt", what=turns.PAIRS_OF_MEANS)

    [swept, *_] = contest_verdicts([], [match((9.0,)), sweep])

    assert swept.met is met


@pytest.mark.parametrize(("ratio", "times", "met"), [(0.5, "2.0", True), (0.4, "2.5", False)])
def test_a_portfolio_is_held_against_the_time_of_the_fastest(ratio, times, met):
    turn = match((ratio,), ours="Barque", theirs="raptorbt", what=turns.EVENED_OUT)

    [*_, longer] = contest_verdicts([], [turn])

    assert longer.found == f"{times} ({times} to {times} in 1 turns)"
    assert longer.met is met


def test_what_is_not_named_is_told_as_it_was_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "PAIRS", ())
    monkeypatch.setattr(turns, "CONTESTS", turns.CONTESTS[:1])
    seconds = iter([2.0, 1.0, 1.0, 2.0, 2.0, 1.0])

    def contest(one):
        return Finding(task=one.task, name=one.name, figures={"seconds": next(seconds)})

    def hold(only):
        return turns.hold(Bench(tmp_path, tmp_path), contest, only, lambda text: None)

    first = hold("")

    assert [one.ratios for one in first] == [(2.0, 2.0, 2.0)]
    assert hold("compiled") == first
    with pytest.raises(StopIteration):
        hold("turns")
