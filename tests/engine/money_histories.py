"""Random markets in several currencies, with everything that costs or ends, on random terms."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

import numpy as np
from hypothesis import strategies as st

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    MakerTaker,
    Percentage,
    PerContract,
    PerShare,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
)
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.domain.margin import REG_T, UNLIMITED, CashAccount, Leverage, Margin
from barque.kernels import layout as at
from barque.risk.limits import Limits
from tests.engine.histories import EQUITY, FUTURE, HOUR, History, _action, _bar, _requests

EURO_SHARE = replace(EQUITY, id="BMW.XETR", currency="EUR")
EURUSD = Instrument(
    id="EURUSD.SIM", kind=InstrumentKind.FX, currency="USD", price_digits=8, quantity_digits=2,
    tick=Decimal("0.0001"), lot=Decimal(100),
)  # fmt: skip
USDJPY = Instrument(
    id="USD/JPY.SIM", kind=InstrumentKind.FX, currency="JPY", price_digits=4, quantity_digits=0,
    tick=Decimal("0.01"), lot=Decimal(100), margined=True,
)  # fmt: skip
NIKKEI = Instrument(
    id="NK.XOSE", kind=InstrumentKind.FUTURE, currency="JPY", price_digits=4, quantity_digits=0,
    tick=Decimal(5), lot=Decimal(1), multiplier=10,
)  # fmt: skip
MARKET = (EQUITY, EURO_SHARE, EURUSD, FUTURE, USDJPY, NIKKEI)
RATE = 10**12

FEES = (
    Percentage(Decimal("0.00025")),
    PerContract(Decimal("0.85")),
    PerShare(each=Decimal("0.005"), minimum=Decimal(1), maximum=Decimal("0.01")),
    PerShare(each=Decimal("0.0035"), minimum=Decimal("0.35")),
    MakerTaker(maker=Decimal("-0.00005"), taker=Decimal("0.0004")),
    MakerTaker(
        maker=Decimal("0.0002"),
        taker=Decimal("0.0005"),
        tiers=(
            Tier(Decimal(250_000), Decimal("0.0001"), Decimal("0.0004")),
            Tier(Decimal(2_000_000), Decimal("-0.00001"), Decimal("0.000333333333")),
        ),
    ),
)
SLIPPAGES = (
    BasisPoints(Decimal("1.5")),
    Ticks(2),
    VolumeShare(),
    SquareRoot(Decimal("0.013")),
)
MARGINS: tuple[Margin, ...] = (
    UNLIMITED,
    CashAccount(),
    REG_T,
    Leverage(
        initial=Decimal("0.1"),
        maintenance=Decimal("0.08"),
        of={"ACME.XNAS": REG_T},
    ),
)
LIMITS = (
    Limits(),
    Limits(),
    Limits(gross=Decimal(900_000), orders=2, window=2 * HOUR),
    Limits(net=Decimal(400_000), leverage=Decimal("1.7")),
    Limits(concentration=Decimal("0.4"), daily_loss=Decimal("0.02")),
    Limits(daily_loss=Decimal("0.01"), drawdown=Decimal("0.06")),
)


@dataclass(frozen=True)
class Terms:
    """What an account is opened with."""

    cash: dict[str, Decimal]
    costs: CostModels = field(default_factory=CostModels)
    limits: Limits = field(default_factory=Limits)
    margin: Margin = UNLIMITED


@dataclass(frozen=True)
class Life:
    past: History
    terms: Terms

    @property
    def engine_arguments(self) -> dict:
        terms = self.terms
        return {
            "cash": terms.cash,
            "costs": terms.costs,
            "limits": terms.limits,
            "margin": terms.margin,
            "currency": "USD",
        }


def lives():
    """Draw a market, a trader who asks at random, and the terms of the account."""
    return st.builds(life, st.integers(0, 2**32), st.integers(1, 6), st.integers(2, 40))


def life(seed: int, width: int, slices: int) -> Life:
    rng = Random(seed)
    # The pair that says what a currency is worth comes with the currency.
    width = {2: 3, 5: 6}.get(width, width)
    instruments = list(MARKET[:width])
    rows, bars, script = [], 0, {}
    lasts = [rng.randint(2_000, 60_000) for _ in instruments]  # in ticks
    for step in range(slices):
        ts = (step * 5 + 1) * HOUR
        slice_bars = []
        for i, instrument in enumerate(instruments):
            bar, lasts[i] = _bar(rng, instrument, i, lasts[i], ts)
            slice_bars.append(bar)
            script[bars] = _requests(rng, instruments, lasts)
            bars += 1
        actions = [_happening(rng, i, lasts, ts + 1) for i in range(width) if rng.random() < 0.3]
        rows += _slice(slice_bars) + _slice(actions)
    return Life(History(instruments, np.array(rows, np.int64), script), _terms(rng, instruments))


def _slice(rows: list[list[int]]) -> list[list[int]]:
    rows.sort(key=lambda row: (row[at.KIND], row[at.INSTRUMENT]))
    if rows:
        rows[-1][at.FLAGS] |= int(EventFlag.ENDS_SLICE)
    return rows


def _terms(rng: Random, instruments: list[Instrument]) -> Terms:
    cash = {"USD": Decimal(1_000_000)}
    currencies = {instrument.currency for instrument in instruments}
    if rng.random() < 0.6:
        cash |= {c: Decimal(300_000) for c in sorted(currencies - {"USD"})}
    fee, slippage = rng.choice(FEES), rng.choice(SLIPPAGES)
    own = CostModels(fee=rng.choice(FEES), slippage=rng.choice(SLIPPAGES))
    of = {rng.choice(instruments).id: own} if rng.random() < 0.5 else {}
    costs = CostModels(fee=fee, slippage=slippage, of=of)
    return Terms(cash, costs, rng.choice(LIMITS), rng.choice(MARGINS))


def _happening(rng: Random, i: int, lasts: list[int], ts: int) -> list[int]:
    kinds = [EventKind.FUNDING, EventKind.INTEREST, EventKind.SYMBOL_CHANGE, EventKind.DIVIDEND]
    kind = rng.choice([*kinds * 3, EventKind.SPLIT, EventKind.EXPIRY, EventKind.DELISTING])
    if kind == EventKind.SPLIT and MARKET[i].kind == InstrumentKind.FX:
        kind = EventKind.DIVIDEND  # a rate that splits would make everything abroad enormous
    if kind in (EventKind.DIVIDEND, EventKind.SPLIT):
        row = _action(rng, kind.name.lower(), i, lasts[i], ts)
        if kind == EventKind.SPLIT:
            lasts[i] = max(2, lasts[i] * row[at.SPLIT_OLD] // row[at.SPLIT_NEW])
        return row
    row = [0] * at.EVENT_WIDTH
    row[at.TS] = row[at.START] = ts
    row[at.KIND], row[at.INSTRUMENT] = kind, i
    mark = MARKET[i].price_units(MARKET[i].tick) * lasts[i]
    if kind == EventKind.FUNDING:
        row[at.FUNDING_RATE] = rng.randint(-RATE // 1000, RATE // 1000)
        row[at.FUNDING_MARK] = rng.choice([0, mark + 7])
    elif kind == EventKind.INTEREST:
        row[at.INTEREST_CREDIT] = rng.randint(0, RATE // 5000)
        row[at.INTEREST_DEBIT] = rng.randint(0, RATE // 2000)
        row[at.INTEREST_BORROW] = rng.choice([0, rng.randint(0, RATE // 1000)])
    elif kind != EventKind.SYMBOL_CHANGE:
        row[at.SETTLEMENT_PRICE] = rng.choice([0, mark * 3 // 4])
    return row
