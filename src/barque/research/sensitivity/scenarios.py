"""What is assumed otherwise: costs, delays and missed trades, each with its words.

A scenario is the run as it was asked with one thing changed: its costs and rules, or columns of
the fresh account, where a change goes beside any model.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from barque.domain.costs import CostModels, Costs, OwnFee, OwnFeeFunction
from barque.domain.orders import FillTime
from barque.engine.state import State
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.money import RATE
from barque.kernels.round_trips import BOOK_FEES
from barque.research.result import Result
from barque.research.terms import Terms

BASIS_POINT = RATE // 10_000
SMALLEST_TICK = 1_000_000
"""A price of more ticks than this moves by less than a hundredth of a basis point a tick: that
says nothing, and a basis point is taken instead."""

MOST_ASKED = 10_000
"""How many slices are asked how long they last, at most."""


def _nothing(state: State) -> None:
    """Change no column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing that is assumed otherwise. `change` is made to the fresh account.

    `is_kept`: decisions are those of the run; else a compiled strategy decides anew. `half` is the
    half of its trades that is kept, 0 or 1; None for all of them.
    """

    name: str
    label: str
    short: str
    words: str
    terms: Terms
    change: Callable[[State], None] = _nothing
    is_kept: bool = False
    half: int | None = None


def scenarios(result: Result, terms: Terms, decides_anew: bool) -> Iterator[Scenario]:
    """Yield what is to be assumed otherwise about a run.

    A strategy that `decides_anew` may ask again and again while its orders are on their way: what
    comes later is then shown with its decisions kept as well.
    """
    yield _doubled(result, terms)
    yield _more_slippage(result, terms, 1)
    yield _more_slippage(result, terms, 2)
    if (period := period_of(result)) is not None:
        later = _later(terms, period)
        yield later
        if decides_anew:
            yield _kept(later)
    if len(result.book.trips) > 1:
        yield from _halves(terms)
    yield _other_fill_time(terms)


def more_fee(units: int) -> Callable[[State], None]:
    """Return the change that charges so much more of each notional, in 10^-12, by any model."""

    def change(state: State) -> None:
        state.instruments[:, [at.FEE_RATE, at.MAKER_RATE]] += units
        for row in _tiers(state):
            row[1:] += units

    return change


def double_fees(state: State) -> None:
    """Charge every fee twice; one of a function of its own is doubled by `_own_doubled`."""
    numbers = [at.FEE_RATE, at.FEE_PER_UNIT, at.MAKER_RATE, at.FEE_MINIMUM, at.FEE_MAXIMUM]
    state.instruments[:, numbers] *= 2
    for row in _tiers(state):
        row[1:] *= 2


def speaks_in_ticks(rules: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return, by instrument, whether a tick is large enough to say something."""
    known: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        rules[:, at.TICK] * float(SMALLEST_TICK) >= rules[:, at.LAST]
    )
    return known


def period_of(result: Result) -> int | None:
    """Return the usual time from one slice to the next, in ns; None where there is no next."""
    if len(result.curve) < 2:
        return None
    ts = result.curve[:, at.CURVE_TS]
    some = np.unique(np.linspace(0, len(ts) - 2, MOST_ASKED).astype(np.int64))
    return int(np.median(ts[some + 1] - ts[some])) or None


def _doubled(result: Result, terms: Terms) -> Scenario:
    words = "Every fee of every model is charged twice, minimums and rebates too."
    if not result.book.sums[:, BOOK_FEES].any():
        words = "The run paid no fee: there is none to double."
    return Scenario(
        name="fees_doubled",
        label="Fees twice as high",
        short="twice the fees",
        words=words,
        terms=replace(terms, costs=_own_doubled(terms.costs)),
        change=double_fees,
    )


def _more_slippage(result: Result, terms: Terms, count: int) -> Scenario:
    by_ticks = speaks_in_ticks(result.rules)

    def change(state: State) -> None:
        state.instruments[by_ticks, at.SLIPPAGE_TICKS] += count
        state.instruments[~by_ticks, at.SLIPPAGE_RATE] += count * BASIS_POINT

    ticks = f"{count} tick" + "s" * (count > 1)
    points = f"{count} basis point" + "s" * (count > 1)
    amount = ticks if by_ticks.any() else points
    words = f"Market and stop orders get a price {amount} worse; limits never slip."
    if not by_ticks.all():
        words += " A tick is less than 0.01 basis points of "
        words += f"some of the prices: {points} there." if by_ticks.any() else "the price."
    return Scenario(
        name=f"slippage_{count}",
        label=f"Slippage + {amount}",
        short=f"+ {ticks if by_ticks.any() else f'{count} bp'}",
        words=words,
        terms=terms,
        change=change,
    )


def _later(terms: Terms, period: int) -> Scenario:
    rules = terms.rules
    words = (
        f"Orders and changes reach the venue {time_in_words(period)} later; who asks again while "
        "an order is on its way gets both."
    )
    if rules.fill_time == FillTime.SAME_CLOSE:
        rules = replace(rules, fill_time=FillTime.NEXT_OPEN)
        words += " Then they fill at an open: the close they were decided at is over."
    else:
        words += " Where the next bar begins later still, as after a weekend, nothing changes."
    return Scenario(
        name="one_bar_later",
        label="One bar later",
        short="a bar later",
        words=words,
        terms=replace(terms, rules=replace(rules, latency=rules.latency + period)),
    )


def _kept(later: Scenario) -> Scenario:
    return replace(
        later,
        name="one_bar_later_kept",
        label="One bar later, decisions kept",
        short="a bar later, kept",
        words="The same delay of the orders that the run as asked has sent, and of no others.",
        is_kept=True,
    )


def _halves(terms: Terms) -> Iterator[Scenario]:
    for half in (0, 1):
        yield Scenario(
            name="half_the_fills",
            label="Half the fills",
            short="half the fills",
            words="Every second trade, flat to flat in the order of entry, never happened; the "
            "others as they were. Of the two halves, the worse.",
            terms=terms,
            is_kept=True,
            half=half,
        )


def _other_fill_time(terms: Terms) -> Scenario:
    if terms.rules.fill_time == FillTime.SAME_CLOSE:
        rules = replace(terms.rules, fill_time=FillTime.NEXT_OPEN)
        label, short = "Fills at the next open", "next open"
        words = "Market orders fill at the open after the close they were decided at."
    else:
        rules = replace(terms.rules, fill_time=FillTime.SAME_CLOSE, latency=0)
        label, short = "Fills at the same close", "same close"
        words = "Market orders fill at the very close they were decided at. Nobody can do that: "
        words += "what is earned here and not above is the work of the time between."
    return Scenario(
        name="other_fill_time",
        label=label,
        short=short,
        words=words,
        terms=replace(terms, rules=rules),
    )


def time_in_words(nanoseconds: int) -> str:
    """Return a time as people say it."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if nanoseconds >= size * 10**9:
            count = nanoseconds / (size * 10**9)
            return f"{count:.3g} {unit}{'' if count == 1 else 's'}"
    return f"{nanoseconds / 10**6:.3g} ms"


def _tiers(state: State) -> Iterator[IntArray]:
    """Yield each row of each table of tiers once: volume, maker rate, taker rate."""
    for first in np.unique(state.instruments[:, at.FEE_TIERS]).tolist():
        for k in range(int(state.account[first]) if first else 0):
            yield state.account[first + 1 + 3 * k : first + 4 + 3 * k]


def _own_doubled(costs: Costs | CostModels) -> Costs | CostModels:
    """Double fees that are functions; all others are numbers, which are doubled later."""
    return costs if isinstance(costs, Costs) else _models_doubled(costs)


def _models_doubled(models: CostModels) -> CostModels:
    of = {id_: _models_doubled(one) for id_, one in models.of.items()}
    fee = OwnFee(_twice(models.fee.function)) if isinstance(models.fee, OwnFee) else models.fee
    return replace(models, fee=fee, of=of)


def _twice(function: OwnFeeFunction) -> OwnFeeFunction:
    charge: OwnFeeFunction = njit(error_model="numpy")(function)

    def twice(price: float, quantity: float, notional: float, is_maker: bool) -> float:
        return 2.0 * charge(price, quantity, notional, is_maker)

    return twice
