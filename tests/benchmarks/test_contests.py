"""What is named is measured anew, what is not is told as it was kept; and the fills are equal."""

import json

import numpy as np
import pytest

from barque.domain.costs import Costs
from barque.research.backtest import backtest
from benchmarks import barque_many, contests, market, reference, tasks
from benchmarks.barque_engine import COIN, prepare
from benchmarks.contests import Contestant, Finding, Role
from benchmarks.rule import CASH


@pytest.fixture
def two(monkeypatch):
    both = tuple(
        Contestant(task="sweep", name=name, role=Role.BARQUE, module="tests.benchmarks.contestant")
        for name in ("first", "second")
    )
    monkeypatch.setattr(contests, "CONTESTANTS", both)
    return both


def hold(tmp_path, only="", fresh=False):
    return contests.hold(tmp_path, tmp_path / "kept", only, fresh, lambda text: None)


def test_what_is_kept_is_not_measured_again_unless_it_is_named(two, tmp_path):
    hold(tmp_path)
    for file in (tmp_path / "kept").glob("contest-*.json"):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"reason": "kept"}))

    again, only = hold(tmp_path), hold(tmp_path, only="second")

    assert [one.reason for one in again] == ["kept", "kept"]
    assert [one.reason for one in only] == ["kept", ""]
    assert all(one.figures["fills"] == 3 for one in only)


def test_what_was_never_measured_is_said(two, tmp_path):
    first, second = hold(tmp_path, only="second")

    assert first == Finding(task="sweep", name="first", reason="not measured this time")
    assert second.figures["seconds"] > 0


def test_the_pair_of_the_rule_gets_the_fills_of_the_reference():
    bars = market.generate(6_000)
    answer = reference.trade(*(market.whole_units(c).tolist() for c in (bars.open, bars.close)))

    found = backtest(barque_many.Pair(), prepare(bars), cash=CASH, costs=barque_many.COSTS)

    assert isinstance(barque_many.COSTS, Costs)
    assert found.instruments == (COIN,)
    assert len(found.fills) == len(answer.fills) > 20
    assert int(found.curve[-1, 1]) == answer.equity


def test_the_panel_is_the_same_every_time():
    one, again = tasks.panel(), tasks.panel()

    assert one.close.shape == (tasks.DAYS, tasks.INSTRUMENTS)
    assert np.array_equal(one.close, again.close)
    assert (one.close > 0).all()
    assert len(set(tasks.PAIRS)) == 200
