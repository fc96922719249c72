"""What a backtest found: fills, orders, equity, statistics, and everything they rest on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl

from barque.domain.instruments import Instrument, cash, cash_digits, cash_units
from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.research.assumptions import assumptions
from barque.research.journal import Journal
from barque.research.round_trips import Book, fifo, read_book
from barque.research.statistics import (
    USUAL,
    Benchmark,
    Conventions,
    DailyCurve,
    Relative,
    Statistics,
    daily,
    relative,
    statistics,
)


class Hashed(Protocol):
    """Data that know a hash of their content."""

    @property
    def content_hash(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run through the past. Amounts in frames are floats; `records` and `curve` are exact.

    `account` and `rules` are the state the run ended with: the engine's account and instruments.
    `terms` is what the run was given, in words.
    """

    strategy: str
    parameters: dict[str, Any]
    instruments: tuple[Instrument, ...]
    cash: Decimal
    currency: str
    terms: Mapping[str, Any]
    records: IntArray
    curve: IntArray
    account: IntArray
    rules: IntArray
    events: int
    source: Hashed
    code_version: str
    wall_seconds: float
    conventions: Conventions = USUAL

    @cached_property
    def statistics(self) -> Statistics:
        """Return, risk, trades and costs in the field's words; see `research.statistics`."""
        return statistics(self.daily, self.book, self.conventions)

    def relative(self, benchmark: Benchmark) -> Relative:
        """Return how the run did beside a benchmark: alpha, beta and their like."""
        return relative(self.daily, benchmark, self.conventions)

    @property
    def data_hash(self) -> str:
        """What names the data: a hash of every event. Computed when it is first asked for."""
        return self.source.content_hash

    @property
    def seed(self) -> int | None:
        """What the strategy's chance came from, if it has any: its parameter `seed`."""
        return self.parameters.get("seed")

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the run takes for granted, in sentences."""
        return assumptions(self.account, self.rules, self.instruments, self.currency)

    @property
    def final_equity(self) -> Decimal:
        """The last equity, exact."""
        if not len(self.curve):
            return self.cash
        return cash(int(self.curve[-1, at.CURVE_EQUITY]), self.currency)

    @cached_property
    def daily(self) -> DailyCurve | None:
        """The equity by UTC days; None of a run without two slices.

        It begins at the cash, or, in an account of several currencies, at the first equity.
        """
        first = cash_units(self.cash, self.currency)
        if self.account[at.CURRENCIES] > 1 and len(self.curve):
            first = int(self.curve[0, at.CURVE_EQUITY])
        return daily(self.curve, first)

    @cached_property
    def book(self) -> Book:
        """Round trips, positions and sums as whole numbers; see `research.round_trips`."""
        scale = 10 ** cash_digits(self.currency)
        return read_book(self.records, self.rates, scale, self.currency_rates)

    @property
    def journal(self) -> Journal:
        """The records, ready to be read as tables."""
        return Journal(self.records, self.instruments, self.currency)

    @property
    def rates(self) -> FloatArray:
        """What a cash unit of each instrument's currency is worth in the account's, at the end."""
        return self.currency_rates[self.rules[:, at.CURRENCY]]

    @property
    def currency_rates(self) -> FloatArray:
        """What a cash unit of each of the account's currencies is worth in its own, at the end."""
        count = max(1, int(self.account[at.CURRENCIES]))
        first = at.ACCOUNT_WIDTH + at.CURRENCY_RATE
        rates = self.account[first : first + count * at.CURRENCY_WIDTH : at.CURRENCY_WIDTH] / 10**12
        return np.array([1.0, *rates[1:]])

    @cached_property
    def fills(self) -> pl.DataFrame:
        """One row a fill, in quote currency; `realized` is before fees."""
        return self.journal.fills()

    @cached_property
    def orders(self) -> pl.DataFrame:
        """One row an order and what became of it; what was refused has a `reason`."""
        return self.journal.orders()

    @cached_property
    def order_changes(self) -> pl.DataFrame:
        """The life of every order: one row a change."""
        return self.journal.changes()

    @cached_property
    def refusals(self) -> pl.DataFrame:
        """One row for everything that was asked and not granted, with the reason."""
        return self.journal.refusals()

    @cached_property
    def refused_by_reason(self) -> dict[str, dict[str, int]]:
        """How often each reason refused orders, changes and cancels."""
        return self.journal.refused_by_reason()

    @cached_property
    def positions(self) -> pl.DataFrame:
        """Positions over time: one row each time one changed."""
        return self.journal.positions(self.book.held)

    @cached_property
    def round_trips(self) -> pl.DataFrame:
        """One row for each round trip from flat to flat."""
        return self.journal.round_trips(self.book.trips)

    @cached_property
    def fifo_trips(self) -> pl.DataFrame:
        """One row for each purchase and the sale that closed it, first in, first out."""
        return self.journal.pairs(fifo(self.records, len(self.instruments))[0])

    @cached_property
    def flows(self) -> pl.DataFrame:
        """Cash that moved without a fill: dividends, funding, interest, settlements."""
        return self.journal.flows()

    @cached_property
    def equity(self) -> pl.DataFrame:
        """ts, equity, cash; one row a slice."""
        scale = 10 ** cash_digits(self.currency)
        equity, money = self.curve.T[at.CURVE_EQUITY : at.CURVE_CASH + 1] / scale
        return pl.DataFrame({"ts": self.curve[:, at.CURVE_TS], "equity": equity, "cash": money})

    @cached_property
    def returns(self) -> pl.DataFrame:
        """Date and return of each UTC day, as QuantStats takes them; they compound to the total.

        The first is from the cash at the start. Empty when the account was ever worth nothing.
        """
        if self.daily is None or self.daily.is_ruined:
            return pl.DataFrame(schema={"date": pl.Date, "return": pl.Float64})
        growth = np.concatenate(([1.0], self.daily.growth_by_day))
        dates = pl.from_epoch(pl.Series(self.daily.days, dtype=pl.Int32), "d")
        return pl.DataFrame({"date": dates, "return": growth[1:] / growth[:-1] - 1.0})

    def summary(self, benchmark: Benchmark | None = None) -> dict[str, Any]:
        """Return the answer and all it rests on, ready for JSON."""
        beside = {} if benchmark is None else asdict(self.relative(benchmark))
        return {
            "strategy": self.strategy,
            "parameters": self.parameters,
            "instruments": [instrument.id for instrument in self.instruments],
            "start": int(self.curve[0, at.CURVE_TS]) if len(self.curve) else None,
            "end": int(self.curve[-1, at.CURVE_TS]) if len(self.curve) else None,
            "currency": self.currency,
            "cash": str(self.cash),
            "terms": self.terms,
            "final_equity": str(self.final_equity),
            "statistics": asdict(self.statistics) | beside,
            "refused": int((self.records[:, at.RECORD_KIND] == at.REFUSED).sum()),
            "refused_by_reason": self.refused_by_reason,
            "halts": self.journal.halts()["reason"].to_list(),
            "events": self.events,
            "assumptions": list(self.assumptions),
            "data_hash": self.data_hash,
            "code_version": self.code_version,
            "seed": self.seed,
            "wall_seconds": round(self.wall_seconds, 4),
        }
