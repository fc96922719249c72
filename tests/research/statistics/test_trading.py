"""What trading was like, on trades that a person can follow."""

import numpy as np
import pytest

from barque.kernels import layout as at
from barque.research.round_trips import read_book
from barque.research.statistics import DAY, trading
from tests.research.curves import daily_of
from tests.research.test_round_trips import fill, record

HOURS = 24


def trades(*profits: int, fee: int = 0, value: int = 1000):
    """One purchase and one sale a day for each profit, an hour apart."""
    rows = []
    for day, profit in enumerate(profits):
        rows.append(fill(day * HOURS, 1, 10, value, fee, 0))
        rows.append(fill(day * HOURS + 1, -1, 10, -value - profit, fee, profit))
    return read_book(np.array(rows).reshape(-1, at.RECORD_WIDTH), np.ones(1), 1)


def test_three_wins_and_two_losses_by_hand() -> None:
    found = trading(trades(30, -10, 20, -15, 40), None)

    profits = np.array([30, -10, 20, -15, 40])
    assert (found.trades, found.fills) == (5, 10)
    assert found.win_rate == pytest.approx(3 / 5)
    assert found.profit_factor == pytest.approx(90 / 25)
    assert found.payoff_ratio == pytest.approx(30 / 12.5)
    assert found.expectancy == pytest.approx(13.0)
    assert found.sqn == pytest.approx(5**0.5 * 13 / profits.std(ddof=1))
    assert found.kelly_criterion == pytest.approx(0.6 - 0.4 / 2.4)
    assert (found.best_trade, found.worst_trade) == pytest.approx((0.04, -0.015))
    assert found.avg_trade == pytest.approx(0.013)
    assert found.avg_trade_duration == pytest.approx(1 / 24)


def test_kelly_of_a_fair_bet_on_a_bent_coin_is_two_p_less_one() -> None:
    """Kelly (1956): at even odds and six heads in ten, bet a fifth."""
    found = trading(trades(*[10, 10, 10, 10, 10, 10, -10, -10, -10, -10]), None)

    assert found.kelly_criterion == pytest.approx(0.2)


def test_fees_turn_a_win_into_a_loss() -> None:
    found = trading(trades(30, 30, fee=20), None)

    assert (found.win_rate, found.expectancy, found.fees_paid) == (0.0, -10.0, 80.0)


def test_only_wins_have_no_ratio_to_losses() -> None:
    found = trading(trades(30, 20), None)

    assert (found.profit_factor, found.payoff_ratio, found.kelly_criterion) == (None, None, None)


def test_without_trades_nothing_is_known() -> None:
    found = trading(trades(), None)

    assert (found.trades, found.win_rate, found.expectancy, found.sqn) == (0, None, None, None)
    assert (found.avg_trade, found.best_trade, found.avg_trade_duration) == (None, None, None)


def test_what_is_still_held_is_no_trade() -> None:
    book = read_book(np.array([fill(1, 1, 10, 1000, 5, 0)]), np.ones(1), 1)

    assert trading(book, None).trades == 0


def test_exposure_is_the_share_of_time_in_which_something_was_held() -> None:
    """Five trades of an hour each over ten days."""
    found = trading(trades(1, 1, 1, 1, 1), daily_of([100] * 11))

    assert found.exposure == pytest.approx(5 / 240)


def test_turnover_is_what_was_traded_a_year_over_mean_equity() -> None:
    found = trading(trades(0, 0), daily_of([2000] * 11))

    assert found.turnover == pytest.approx(4000 / 2000 / (10 / 365.25))


def test_dividends_and_funding_are_part_of_a_trade() -> None:
    rows = [
        fill(1, 1, 10, 1000, 0, 0),
        record(at.DIVIDEND_PAID, 2, 7),
        record(at.FUNDED, 3, -2),
        fill(4, -1, 10, -1000, 0, 0),
    ]

    found = trading(read_book(np.array(rows), np.ones(1), 1), None)

    assert (found.expectancy, found.dividends, found.funding) == (5.0, 7.0, -2.0)
    assert found.avg_trade_duration == 3 * (DAY / 24) / DAY
