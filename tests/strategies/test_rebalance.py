"""A portfolio comes to its weights on its days, in whole lots, and never spends what it has not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import rebalance
from barque.strategies.library.equal_weights import EqualWeights
from tests.research.markets import DAY, noise, stocks

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.integers(-700_000, 2_900_000))
def test_months_are_those_of_the_calendar(day):
    date = EPOCH + timedelta(days=day)

    assert rebalance.month_of(day) == (date.year - 1970) * 12 + date.month - 1


@given(st.integers(0, 40_000))
def test_a_period_begins_when_the_calendar_says_so(day):
    date, before = (EPOCH + timedelta(days=d) for d in (day + 1, day))

    def begins(every):
        first, second = ((d + day) * DAY for d in (0, 1))
        return rebalance.period_of(first, every) != rebalance.period_of(second, every)

    assert begins(rebalance.SLICE)
    assert begins(rebalance.DAILY)
    assert begins(rebalance.WEEKLY) == (date.weekday() == 0)
    assert begins(rebalance.MONTHLY) == (date.month != before.month)
    assert begins(rebalance.QUARTERLY) == (date.day == 1 and date.month % 3 == 1)
    assert begins(rebalance.YEARLY) == (date.year != before.year)


def portfolio(is_compiled, **parameters):
    strategy = EqualWeights(**parameters)
    strategy.is_compiled = is_compiled
    engine = Engine(strategy, stocks(5), cash=Decimal(100_000))
    return engine, engine.process(noise(seed=2, days=80, instruments=5))


@pytest.mark.parametrize("is_compiled", [True, False])
def test_orders_come_once_a_month_and_hold_equal_parts(is_compiled):
    engine, outcome = portfolio(is_compiled)

    asked = outcome.records[outcome.records[:, at.RECORD_KIND] == at.ACCEPTED]
    days = np.unique(asked[:, at.RECORD_TS] // DAY)
    # The first slice, then the first days of February and March 1970.
    assert days.tolist() == [1, 31, 59]
    state = engine.state
    parts = state.instruments[:, at.VALUE] / state.account[at.EQUITY]
    assert parts == pytest.approx(np.full(5, 0.98 / 5), abs=0.03)
    assert (outcome.curve[:, at.CURVE_CASH] > 0).all()


def test_compiled_and_plain_do_the_same():
    records = [portfolio(is_compiled, every=1)[1].records for is_compiled in (True, False)]

    assert len(records[0]) > 100
    assert np.array_equal(*records)


def test_what_is_sold_is_asked_before_what_is_bought():
    _, outcome = portfolio(True, every=1)

    asked = outcome.records[outcome.records[:, at.RECORD_KIND] == at.ACCEPTED]
    for ts in np.unique(asked[:, at.RECORD_TS]):
        sides = asked[asked[:, at.RECORD_TS] == ts, at.A2]
        assert (np.diff(sides) >= 0).all()


@pytest.mark.parametrize("parameters", [{"every": 6}, {"every": -1}, {"buffer": 1.0}])
def test_a_calendar_that_nobody_knows_is_refused(parameters):
    with pytest.raises(BadInput, match="every is"):
        Engine(EqualWeights(**parameters), stocks(1), cash=Decimal(1))
