"""What a backtest found: fills, orders, equity, statistics, and everything they rest on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.costs import CostModels, Costs
from barque.domain.instruments import Instrument, cash, cash_digits
from barque.domain.orders import REASONS, OrderType, Reason, Side
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.statistics import Statistics, statistics
from barque.risk.limits import Limits

REASON_TEXTS = [REASONS[Reason(k)] if k in set(Reason) else "" for k in range(max(Reason) + 1)]
SIDES = (Side.SELL.name, Side.BUY.name)

ASSUMPTIONS = (
    "A decision at a bar's close meets the market from the next bar's open on.",
    "A market order fills at the open, a stop at its trigger or at an open beyond; both slip.",
    "A limit fills at its price when the bar touches it, or at a better open.",
    "Every order fills whole; volume does not limit it.",
    "Cash may go below zero; neither interest, margin, borrowing nor funding is charged.",
)


class Hashed(Protocol):
    """Data that know a hash of their content."""

    @property
    def content_hash(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run through the past. Amounts in frames are floats; `records` and `curve` are exact."""

    strategy: str
    parameters: dict[str, Any]
    instruments: tuple[Instrument, ...]
    currency: str
    cash: Decimal
    costs: Costs | CostModels
    limits: Limits
    records: IntArray
    curve: IntArray
    events: int
    source: Hashed
    code_version: str
    wall_seconds: float

    @cached_property
    def statistics(self) -> Statistics:
        """Return, risk and cost in the field's words; see `research.statistics`."""
        fills = self._rows(at.FILLED)
        return statistics(
            self.curve,
            fills=len(fills),
            fees=float(cash(int(fills[:, at.A5].sum()), self.currency)),
            turnover=float(np.abs(fills[:, at.A4]).astype(float).sum()),
            dividends=float(cash(int(self._rows(at.DIVIDEND_PAID)[:, at.A0].sum()), self.currency)),
        )

    @property
    def data_hash(self) -> str:
        """What names the data: a hash of every event. Computed when it is first asked for."""
        return self.source.content_hash

    @property
    def final_equity(self) -> Decimal:
        """The last equity, exact."""
        units = int(self.curve[-1, at.CURVE_EQUITY]) if len(self.curve) else 0
        return cash(units, self.currency) if len(self.curve) else self.cash

    @cached_property
    def fills(self) -> pl.DataFrame:
        """One row a fill, in quote currency; `realized` is before fees."""
        rows = self._rows(at.FILLED)
        return pl.DataFrame(
            {
                "ts": rows[:, at.A6],
                "instrument": self._ids(rows),
                "order_id": rows[:, at.A0],
                "side": _names(SIDES, rows[:, at.A1] > 0),
                "quantity": rows[:, at.A2] / self._scales(rows, "quantity_digits"),
                "price": rows[:, at.A3] / self._scales(rows, "price_digits"),
                "notional": rows[:, at.A4] / self._cash_scale,
                "fee": rows[:, at.A5] / self._cash_scale,
                "realized": rows[:, at.A8] / self._cash_scale,
            }
        )

    @cached_property
    def orders(self) -> pl.DataFrame:
        """One row an order; what was refused has a `reason`.

        The instrument is null, and units are counted, where an order named none of this run.
        """
        asked = np.isin(self.records[:, at.RECORD_KIND], (at.ACCEPTED, at.REFUSED))
        # A type of 0 is the one record for all requests that one event had no room for.
        rows = self.records[asked & (self.records[:, at.A1] > 0)]
        return pl.DataFrame(
            {
                "ts": rows[:, at.RECORD_TS],
                "instrument": self._ids(rows),
                "order_id": rows[:, at.A0],
                "type": _names([kind.name for kind in OrderType], rows[:, at.A1] - 1),
                "side": _names(SIDES, rows[:, at.A2] > 0),
                "quantity": rows[:, at.A3] / self._scales(rows, "quantity_digits"),
                "price": rows[:, at.A4] / self._scales(rows, "price_digits"),
                "reason": _names(REASON_TEXTS, rows[:, at.A6]),
            }
        )

    @cached_property
    def equity(self) -> pl.DataFrame:
        """ts, equity, cash; one row a slice."""
        equity, money = self.curve.T[at.CURVE_EQUITY : at.CURVE_CASH + 1] / self._cash_scale
        return pl.DataFrame({"ts": self.curve[:, at.CURVE_TS], "equity": equity, "cash": money})

    def summary(self) -> dict[str, Any]:
        """Return the answer and all it rests on, ready for JSON."""
        return {
            "strategy": self.strategy,
            "parameters": self.parameters,
            "instruments": [instrument.id for instrument in self.instruments],
            "cash": str(self.cash),
            "costs": {name: str(value) for name, value in asdict(self.costs).items()},
            "limits": {name: value and str(value) for name, value in asdict(self.limits).items()},
            "final_equity": str(self.final_equity),
            "statistics": asdict(self.statistics),
            "refused": self.orders.filter(pl.col("reason") != "").height,
            "events": self.events,
            "assumptions": list(ASSUMPTIONS),
            "data_hash": self.data_hash,
            "code_version": self.code_version,
            "wall_seconds": round(self.wall_seconds, 4),
        }

    @property
    def _cash_scale(self) -> int:
        return int(10 ** cash_digits(self.currency))

    def _rows(self, kind: int) -> IntArray:
        rows: IntArray = self.records[self.records[:, at.RECORD_KIND] == kind]
        return rows

    def _ids(self, rows: IntArray) -> pl.Series:
        which = rows[:, at.RECORD_INSTRUMENT]
        nobody = len(self.instruments)
        ids = [*(instrument.id for instrument in self.instruments), None]
        return _names(ids, np.where((which >= 0) & (which < nobody), which, nobody))

    def _scales(self, rows: IntArray, digits: str) -> IntArray:
        # The last one is for instrument -1: none of this run.
        scales = np.array([*(10 ** getattr(i, digits) for i in self.instruments), 1], np.int64)
        found: IntArray = scales[rows[:, at.RECORD_INSTRUMENT]]
        return found


def _names(names: Sequence[str | None], numbers: NDArray[Any]) -> pl.Series:
    """Return the name of each number."""
    return pl.Series(names, dtype=pl.String)[numbers.astype(np.int64)]
