"""The flat state of one account, and how a run's words become its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument, cash_units, rate_units
from barque.engine.step import has_room
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.matching import FILL_WIDTH
from barque.risk.limits import NO_LIMITS, WIDEST_BAND, WIDEST_NOTIONAL, WIDEST_POSITION, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs. Fractions of notional or price; `fee_per_unit` in quote currency.

    `fee` 0.001 is ten basis points of each fill's notional. `slippage` moves the price of market
    and stop orders against you. They are the same for every instrument of a run.
    """

    fee: Decimal = Decimal(0)
    fee_per_unit: Decimal = Decimal(0)
    slippage: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name in ("fee", "fee_per_unit", "slippage"):
            value = getattr(self, name)
            if not value.is_finite() or value < 0:
                raise BadInput(f"{name} is {value}; a cost is a number of at least 0.")
        if self.slippage >= 1:
            raise BadInput(f"slippage is {self.slippage}; it is a fraction, so 0.0005 is 5 bp.")


FREE = Costs()


@dataclass(slots=True)
class State:
    """The arrays the kernels work on; see `kernels.layout` for their columns."""

    account: IntArray
    instruments: IntArray
    orders: IntArray
    requests: IntArray
    records: IntArray
    fills: IntArray
    curve: IntArray
    _spilled: list[IntArray] = field(default_factory=list)

    def has_room(self) -> bool:
        """Return whether the records of one more event are sure to fit."""
        return bool(has_room(self.account, self.requests, self.records))

    def spill(self) -> None:
        """Set the records aside and make room for more."""
        self._spilled.append(self.records[: self.account[at.RECORD_COUNT]].copy())
        self.account[at.RECORD_COUNT] = 0

    def take_records(self) -> IntArray:
        """Return all records since the last call, oldest first."""
        self.spill()
        taken, self._spilled = self._spilled, []
        return taken[0] if len(taken) == 1 else np.concatenate(taken)

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
    cash: Decimal,
    costs: Costs = FREE,
    limits: Limits = NO_LIMITS,
) -> State:
    """Return the state of an account that owns `cash` and nothing else."""
    currency = _only_currency(instruments)
    slots = max(256, 8 * len(instruments))
    asks = max(128, 4 * len(instruments))
    state = State(
        account=np.zeros(at.ACCOUNT_WIDTH, np.int64),
        instruments=np.zeros((len(instruments), at.INSTRUMENT_WIDTH), np.int64),
        orders=np.zeros((slots, at.ORDER_WIDTH), np.int64),
        requests=np.zeros((asks, at.REQUEST_WIDTH), np.int64),
        records=np.empty((max(16_384, 8 * (slots + asks)), at.RECORD_WIDTH), np.int64),
        fills=np.zeros((slots, FILL_WIDTH), np.int64),
        curve=np.zeros((at.CURVE_WIDTH, 0), np.int64),
    )
    state.account[[at.CASH, at.EQUITY]] = cash_units(cash, currency)
    state.account[at.NEXT_ORDER_ID] = 1
    state.orders[:, at.NEXT] = [*range(1, slots), -1]
    for i, instrument in enumerate(instruments):
        state.instruments[i] = _instrument_row(instrument, costs, limits)
    return state


def _only_currency(instruments: Sequence[Instrument]) -> str:
    currencies = sorted({instrument.currency for instrument in instruments})
    if len(currencies) == 1:
        return currencies[0]
    if not currencies:
        raise BadInput("A run needs at least one instrument.")
    raise BadInput(
        f"The instruments are quoted in {', '.join(currencies)}; an account has one currency. "
        "Choose instruments of one currency."
    )


def _instrument_row(instrument: Instrument, costs: Costs, limits: Limits) -> IntArray:
    row = np.zeros(at.INSTRUMENT_WIDTH, np.int64)
    row[at.NOTIONAL_DIVISOR] = 10**instrument.notional_digits
    row[at.MULTIPLIER] = instrument.multiplier
    row[at.TICK] = instrument.price_units(instrument.tick)
    row[at.LOT] = instrument.quantity_units(instrument.lot)
    row[at.PRICE_SCALE] = 10**instrument.price_digits
    row[at.QUANTITY_SCALE] = 10**instrument.quantity_digits
    row[at.FEE_RATE] = rate_units(costs.fee)
    row[at.FEE_PER_UNIT] = cash_units(costs.fee_per_unit, instrument.currency)
    row[at.SLIPPAGE_RATE] = rate_units(costs.slippage)
    row[at.MAX_POSITION] = WIDEST_POSITION
    row[at.MAX_NOTIONAL] = WIDEST_NOTIONAL
    row[at.PRICE_BAND] = WIDEST_BAND
    if limits.position is not None:
        row[at.MAX_POSITION] = instrument.quantity_units(limits.position)
    if limits.notional is not None:
        row[at.MAX_NOTIONAL] = cash_units(limits.notional, instrument.currency)
    if limits.price_band is not None:
        row[at.PRICE_BAND] = rate_units(limits.price_band)
    row[[at.FIRST_ORDER, at.LAST_ORDER]] = -1
    return row
