"""The flat state of one account, and how a run's words become its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from barque.domain.costs import FREE, CostModels, Costs
from barque.domain.instruments import Instrument, cash_units, rate_units
from barque.domain.margin import UNLIMITED, Margin
from barque.domain.rules import USUAL_RULES, Rules
from barque.engine.charged import write_costs
from barque.engine.step import has_room
from barque.engine.terms import Cash, account_currencies, new_account, write_margin
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.matching import OFFER_WIDTH
from barque.risk.limits import NO_LIMITS, WIDEST_BAND, WIDEST_NOTIONAL, WIDEST_POSITION, Limits


@dataclass(slots=True)
class State:
    """The arrays the kernels work on; see `kernels.layout` for their columns."""

    account: IntArray
    instruments: IntArray
    orders: IntArray
    requests: IntArray
    records: IntArray
    offer: IntArray
    curve: IntArray
    functions: tuple[object, ...] = ()
    """What is called by its address lives as long as this."""
    _spilled: list[IntArray] = field(default_factory=list)

    def has_room(self) -> bool:
        """Return whether the records of one more event are sure to fit."""
        return bool(has_room(self.account, self.orders, self.requests, self.records))

    def spill(self) -> None:
        """Set the records aside and make room for more."""
        self._spilled.append(self.records[: self.account[at.RECORD_COUNT]].copy())
        self.account[at.RECORD_COUNT] = 0
        assert self.has_room(), "the records of one event must fit into an empty table"

    def take_records(self) -> IntArray:
        """Return all records since the last call, oldest first."""
        self.spill()
        taken, self._spilled = self._spilled, []
        return taken[0] if len(taken) == 1 else np.concatenate(taken)

    def last_records(self) -> IntArray:
        """Return all records since they were taken last; the state is used no more after this."""
        if self._spilled:
            return self.take_records()
        return self.records[: self.account[at.RECORD_COUNT]]

    def write_curve_to(self, curve: IntArray, first: int) -> None:
        """Let the equity of the slices to come go into `curve`, from slice `first` on."""
        self.curve = curve
        self.account[at.CURVE_COUNT] = first

    def written_curve(self, first: int) -> IntArray:
        """Return the equity that was written from slice `first` on, and count anew."""
        written = self.curve[:, first : self.account[at.CURVE_COUNT]]
        self.account[at.CURVE_COUNT] = 0
        return written.T


def new_state(
    instruments: Sequence[Instrument],
    *,
    cash: Cash,
    costs: Costs | CostModels = FREE,
    limits: Limits = NO_LIMITS,
    margin: Margin = UNLIMITED,
    currency: str | None = None,
    rules: Rules = USUAL_RULES,
) -> State:
    """Return the state of an account that owns `cash` and nothing else.

    `cash` is an amount of the account's currency, or an amount for each of several currencies.
    `currency` is the account's own; with instruments of one currency it is theirs.
    """
    currencies = account_currencies(instruments, currency)
    slots = max(256, 8 * len(instruments))
    asks = max(128, 4 * len(instruments))
    state = State(
        account=new_account(instruments, currencies, cash, costs, limits, margin),
        instruments=np.zeros((len(instruments), at.INSTRUMENT_WIDTH), np.int64),
        orders=np.zeros((slots, at.ORDER_WIDTH), np.int64),
        requests=np.zeros((asks, at.REQUEST_WIDTH), np.int64),
        records=np.empty((max(16_384, 40 * (slots + asks)), at.RECORD_WIDTH), np.int64),
        offer=np.zeros(OFFER_WIDTH, np.int64),
        curve=np.zeros((at.CURVE_WIDTH, 0), np.int64),
    )
    state.orders[:, at.NEXT] = np.arange(1, slots + 1)
    state.orders[-1, at.NEXT] = -1
    _write_instruments(state.instruments, instruments, currencies, limits)
    for row, instrument in zip(state.instruments, instruments, strict=True):
        state.functions += write_costs(row, state.account, instrument, costs)
        write_margin(row, instrument, margin)
    _write_rules(state, rules)
    return state


def _write_rules(state: State, rules: Rules) -> None:
    state.account[at.FILL_TIME] = rules.fill_time
    state.account[at.LATENCY] = rules.latency
    state.account[at.TOUCH_FILLS] = rules.touch_fills
    state.account[at.STOP_FIRST] = rules.stop_first
    if rules.participation is not None:
        state.instruments[:, at.PARTICIPATION] = rate_units(rules.participation)


def _write_instruments(
    rows: IntArray, instruments: Sequence[Instrument], currencies: Sequence[str], limits: Limits
) -> None:
    """Write what the instruments' numbers mean, and how much of them may be held."""
    rows[:, at.NOTIONAL_DIVISOR] = [10**one.notional_digits for one in instruments]
    rows[:, at.MULTIPLIER] = [one.multiplier for one in instruments]
    rows[:, at.TICK] = [one.price_units(one.tick) for one in instruments]
    rows[:, at.LOT] = [one.quantity_units(one.lot) for one in instruments]
    rows[:, at.PRICE_SCALE] = [10**one.price_digits for one in instruments]
    rows[:, at.QUANTITY_SCALE] = [10**one.quantity_digits for one in instruments]
    rows[:, at.MARGINED] = [one.is_margined for one in instruments]
    rows[:, at.CURRENCY] = [currencies.index(one.currency) for one in instruments]
    rows[:, at.MAX_POSITION] = WIDEST_POSITION
    rows[:, at.MAX_NOTIONAL] = WIDEST_NOTIONAL
    rows[:, at.PRICE_BAND] = WIDEST_BAND
    if limits.position is not None:
        rows[:, at.MAX_POSITION] = [one.quantity_units(limits.position) for one in instruments]
    if limits.notional is not None:
        rows[:, at.MAX_NOTIONAL] = [
            cash_units(limits.notional, one.currency) for one in instruments
        ]
    if limits.price_band is not None:
        rows[:, at.PRICE_BAND] = rate_units(limits.price_band)
    rows[:, at.FIRST_ORDER] = rows[:, at.LAST_ORDER] = -1
