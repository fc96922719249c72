"""The records of a run as tables for people: fills, orders and their lives, positions, trips, cash.

Amounts in tables are floats, in the currency that the instrument is quoted in; the records they
are made from are exact. Records of a kind that this version does not know are passed over.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.instruments import Instrument, cash_digits
from barque.domain.orders import (
    HALTS,
    REASONS,
    Halt,
    OrderFlag,
    OrderState,
    OrderType,
    Reason,
    Side,
    TimeInForce,
)
from barque.kernels import layout as at
from barque.kernels import round_trips as trip
from barque.kernels.arrays import IntArray
from barque.research.round_trips import Pair

REJECTED = 19  # by the venue: order id, reason, leaves
FLAGS_FROM = 256  # A5 of an accepted order is its time in force + 256 · its flags

CHANGES = {
    at.ACCEPTED: "ACCEPTED",
    at.REFUSED: "REFUSED",
    at.FILLED: "FILLED",
    at.CANCELED: "CANCELED",
    at.EXPIRED: "EXPIRED",
    REJECTED: "REJECTED",
    at.ORDER_ADJUSTED: "ADJUSTED",
    at.CANCEL_REFUSED: "CANCEL_REFUSED",
    at.TRIGGERED: "TRIGGERED",
    at.RELEASED: "RELEASED",
    at.AMENDED: "AMENDED",
    at.AMEND_REFUSED: "AMEND_REFUSED",
}
"""What can happen to an order."""

LEAVES = {at.ACCEPTED: 3, at.REFUSED: 3, at.FILLED: 7, at.CANCELED: 2, at.EXPIRED: 2, REJECTED: 2,
          at.ORDER_ADJUSTED: 1, at.AMENDED: 1}  # fmt: skip
PRICES = {at.ACCEPTED: 4, at.REFUSED: 4, at.FILLED: 3, at.ORDER_ADJUSTED: 2, at.TRIGGERED: 1,
          at.AMENDED: 2}  # fmt: skip
REASON = {
    at.REFUSED: 6,
    at.CANCELED: 1,
    at.EXPIRED: 1,
    REJECTED: 1,
    at.CANCEL_REFUSED: 1,
    at.AMEND_REFUSED: 1,
}
"""Which of A0 to A9 holds it, by kind of record."""

ASKED = {at.REFUSED: "orders", at.AMEND_REFUSED: "changes", at.CANCEL_REFUSED: "cancels"}
"""What a strategy asked for, by the record that refuses it."""

FLOWS = {at.DIVIDEND_PAID: "DIVIDEND", at.FUNDED: "FUNDING", at.INTEREST_PAID: "INTEREST",
         at.SPLIT_APPLIED: "CASH_IN_LIEU", at.SETTLED: "SETTLEMENT"}  # fmt: skip
FLOW_CASH = {at.DIVIDEND_PAID: 0, at.FUNDED: 0, at.INTEREST_PAID: 0, at.SPLIT_APPLIED: 4,
             at.SETTLED: 4}  # fmt: skip

CLOSED_OUT = ("the margin is covered again", "closed out for want of margin")

STATES = {
    at.ACCEPTED: OrderState.ACCEPTED.name,
    at.REFUSED: OrderState.REFUSED.name,
    at.FILLED: OrderState.FILLED.name,
    at.CANCELED: OrderState.CANCELED.name,
    at.EXPIRED: OrderState.EXPIRED.name,
    REJECTED: OrderState.REJECTED.name,
    at.TRIGGERED: OrderState.TRIGGERED.name,
    at.RELEASED: OrderState.ACCEPTED.name,
}
"""The state a record leaves its order in; where it is not here, the state stays."""


@dataclass(frozen=True, slots=True)
class Journal:
    """All records (n, RECORD_WIDTH) of a run, and what its instruments' numbers mean."""

    records: IntArray
    instruments: tuple[Instrument, ...]
    currency: str

    def fills(self) -> pl.DataFrame:
        """One row a fill; `realized` is before fees."""
        rows = self.of(at.FILLED)
        money = self.money(rows[:, at.RECORD_INSTRUMENT])
        return pl.DataFrame(
            {
                "ts": rows[:, at.A6],
                "instrument": self.ids(rows[:, at.RECORD_INSTRUMENT]),
                "order_id": rows[:, at.A0],
                "side": _sides(rows[:, at.A1]),
                "quantity": rows[:, at.A2] / self._quantities(rows),
                "price": rows[:, at.A3] / self._prices(rows),
                "notional": rows[:, at.A4] / money,
                "fee": rows[:, at.A5] / money,
                "realized": rows[:, at.A8] / money,
            }
        )

    def orders(self) -> pl.DataFrame:
        """One row an order, with what became of it.

        `state` is the last one and `reason` says why an order was refused, canceled or expired.
        The instrument is null, and units are counted, where an order named none of this run.
        `average_price` is null where nothing was filled.
        """
        # A type of 0 is the one record for all requests that one event had no room for.
        rows = self.of(at.ACCEPTED, at.REFUSED)
        rows = rows[rows[:, at.A1] > 0]
        words, flags = rows[:, at.A5] % FLAGS_FROM, rows[:, at.A5] // FLAGS_FROM
        asked = pl.DataFrame(
            {
                "ts": rows[:, at.RECORD_TS],
                "instrument": self.ids(rows[:, at.RECORD_INSTRUMENT]),
                "order_id": rows[:, at.A0],
                "type": _members(OrderType, rows[:, at.A1]),
                "side": _sides(rows[:, at.A2]),
                "quantity": rows[:, at.A3] / self._quantities(rows),
                "price": rows[:, at.A4] / self._prices(rows),
                "time_in_force": _members(TimeInForce, words),
                "flags": pl.Series([_flag_names(one) for one in flags.tolist()], dtype=pl.String),
                "group": rows[:, at.A9],
            }
        )
        return asked.join(self._ends(), on="order_id", how="left", maintain_order="left")

    def changes(self) -> pl.DataFrame:
        """Every order's life: one row a change, oldest first.

        `price` is the limit or trigger, of a fill the price paid; `leaves` is what it still wants.
        Null is what a change does not touch.
        """
        rows = self.of(*CHANGES)
        kinds = rows[:, at.RECORD_KIND]
        leaves, prices = _chosen(rows, LEAVES), _chosen(rows, PRICES)
        return pl.DataFrame(
            {
                "ts": np.where(kinds == at.FILLED, rows[:, at.A6], rows[:, at.RECORD_TS]),
                "order_id": rows[:, at.A0],
                "instrument": self.ids(rows[:, at.RECORD_INSTRUMENT]),
                "change": _names(CHANGES, kinds),
                "leaves": leaves / self._quantities(rows),
                "price": prices / self._prices(rows),
                "reason": _reasons(rows),
                "event": rows[:, at.RECORD_AT],
            },
            nan_to_null=True,
        )

    def refusals(self) -> pl.DataFrame:
        """One row for all that was asked and not granted: orders, cancels and amendments."""
        refused = pl.col("change").is_in(["REFUSED", "REJECTED", "CANCEL_REFUSED", "AMEND_REFUSED"])
        asked = self.changes().filter(refused)
        return asked.select("ts", "order_id", "instrument", "change", "reason")

    def refused_by_reason(self) -> dict[str, dict[str, int]]:
        """How many orders, changes and cancels were refused, by reason, the most frequent first."""
        reasons = {asked: _reasons(self.of(kind)) for kind, asked in ASKED.items()}
        return {asked: dict(Counter(said).most_common()) for asked, said in reasons.items()}

    def flows(self) -> pl.DataFrame:
        """One row for cash that moved without a fill; `instrument` is null for the account's own.

        A dividend, funding and interest are received when positive; a settlement is what was held
        at its price, or of a margined instrument the profit.
        """
        rows = self.of(*FLOWS)
        rows = rows[_chosen(rows, FLOW_CASH) != 0]
        which = rows[:, at.RECORD_INSTRUMENT]
        return pl.DataFrame(
            {
                "ts": rows[:, at.RECORD_TS],
                "instrument": self.ids(which),
                "kind": _names(FLOWS, rows[:, at.RECORD_KIND]),
                "cash": _chosen(rows, FLOW_CASH) / self.money(which),
            }
        )

    def halts(self) -> pl.DataFrame:
        """One row for each time the account was halted or closed out, with the reason."""
        rows = self.of(at.HALT, at.LIQUIDATION)
        words = {int(halt): HALTS[halt] for halt in Halt}
        said = [
            words.get(row[at.A0], f"reason {row[at.A0]}")
            if row[at.RECORD_KIND] == at.HALT
            else CLOSED_OUT[row[at.A2] != 0]
            for row in rows.tolist()
        ]
        return pl.DataFrame(
            {"ts": rows[:, at.RECORD_TS], "reason": pl.Series(said, dtype=pl.String)}
        )

    def positions(self, held: IntArray) -> pl.DataFrame:
        """One row each time a position changed: what was held from then on, its cost and value."""
        which = held[:, trip.HELD_INSTRUMENT]
        money = self.money(which)
        return pl.DataFrame(
            {
                "ts": held[:, trip.HELD_TS],
                "instrument": self.ids(which),
                "quantity": held[:, trip.HELD_QUANTITY] / self._scales(which, "quantity_digits"),
                "cost": held[:, trip.HELD_COST] / money,
                "value": held[:, trip.HELD_VALUE] / money,
            }
        )

    def round_trips(self, trips: IntArray) -> pl.DataFrame:
        """One row from flat to flat, in the order of entry; `exit_ts` is null while it is open.

        `profit` is realized less fees, plus `carry`: dividends, funding and borrowing meanwhile.
        `return` is profit over what opened it.
        """
        which = trips[:, trip.TRIP_INSTRUMENT]
        money, sizes = self.money(which), self._scales(which, "quantity_digits")
        profit = trips[:, trip.TRIP_REALIZED] - trips[:, trip.TRIP_FEES] + trips[:, trip.TRIP_CARRY]
        frame = pl.DataFrame(
            {
                "instrument": self.ids(which),
                "side": _members_of(("SHORT", "FLAT", "LONG"), trips[:, trip.TRIP_SIDE] + 1),
                "entry_ts": trips[:, trip.TRIP_ENTRY_TS],
                "exit_ts": trips[:, trip.TRIP_EXIT_TS],
                "fills": trips[:, trip.TRIP_FILLS],
                "quantity": trips[:, trip.TRIP_ENTERED] / sizes,
                "entry_value": trips[:, trip.TRIP_ENTRY_VALUE] / money,
                "exit_value": trips[:, trip.TRIP_EXIT_VALUE] / money,
                "realized": trips[:, trip.TRIP_REALIZED] / money,
                "fees": trips[:, trip.TRIP_FEES] / money,
                "carry": trips[:, trip.TRIP_CARRY] / money,
                "profit": profit / money,
                "open": trips[:, trip.TRIP_OPEN] == 1,
            }
        )
        return frame.with_columns(
            pl.when(~pl.col("open")).then("exit_ts"),
            pl.when(pl.col("entry_value") > 0)
            .then(pl.col("profit") / pl.col("entry_value"))
            .alias("return"),
        )

    def pairs(self, pairs: Sequence[Pair]) -> pl.DataFrame:
        """One row a pair of FIFO: what was bought first is sold first."""
        which = np.array([pair.instrument for pair in pairs], np.int64)
        money = self.money(which)
        return pl.DataFrame(
            {
                "instrument": self.ids(which),
                "side": _members_of(("SHORT", "FLAT", "LONG"), _column(pairs, "side") + 1),
                "entry_ts": _column(pairs, "entry_ts"),
                "exit_ts": _column(pairs, "exit_ts"),
                "quantity": _column(pairs, "quantity") / self._scales(which, "quantity_digits"),
                "entry_value": np.abs(_column(pairs, "entry_value")) / money,
                "exit_value": np.abs(_column(pairs, "exit_value")) / money,
                "realized": _column(pairs, "profit") / money,
                "fees": _column(pairs, "fees") / money,
                "profit": (_column(pairs, "profit") - _column(pairs, "fees")) / money,
            }
        )

    def of(self, *kinds: int) -> IntArray:
        """Return the records of some kinds, oldest first."""
        found = self.records[:, at.RECORD_KIND]
        # One kind is what is asked for most: comparing is much faster than looking up.
        wanted = found == kinds[0] if len(kinds) == 1 else np.isin(found, kinds)
        rows: IntArray = self.records[wanted]
        return rows

    def ids(self, which: IntArray) -> pl.Series:
        """Return the id of each instrument's number; null for one that is not in this run."""
        names = {k: instrument.id for k, instrument in enumerate(self.instruments)}
        return _names(names, which)

    def money(self, which: IntArray) -> IntArray:
        """Return how many cash units one of its currency has, by instrument's number."""
        scales = [10 ** cash_digits(instrument.currency) for instrument in self.instruments]
        return self._known(which, [*scales, 10 ** cash_digits(self.currency)])

    def _ends(self) -> pl.DataFrame:
        """Return the last state of each order, when it came to it, and what was filled."""
        changes = self.changes().filter(pl.col("change").is_in(["ADJUSTED", "AMENDED"]).not_())
        moved = changes.filter(~pl.col("change").str.ends_with("_REFUSED"))
        partly = (pl.col("change") == "FILLED") & (pl.col("leaves") > 0)
        states = {CHANGES[kind]: state for kind, state in STATES.items()}
        state = (
            pl.when(partly)
            .then(pl.lit("PARTIALLY_FILLED"))
            .otherwise(pl.col("change").replace(states))
        )
        last = moved.group_by("order_id", maintain_order=True).agg(
            state.last().alias("state"),
            pl.col("reason").last(),
            pl.col("ts").last().alias("changed_ts"),
        )
        filled = (
            self.fills()
            .group_by("order_id")
            .agg(
                pl.col("quantity").sum().alias("filled"),
                ((pl.col("price") * pl.col("quantity")).sum() / pl.col("quantity").sum()).alias(
                    "average_price"
                ),
                pl.col("fee").sum().alias("fees"),
            )
        )
        return last.join(filled, on="order_id", how="left").with_columns(
            pl.col("filled", "fees").fill_null(0.0)
        )

    def _quantities(self, rows: IntArray) -> IntArray:
        return self._scales(rows[:, at.RECORD_INSTRUMENT], "quantity_digits")

    def _prices(self, rows: IntArray) -> IntArray:
        return self._scales(rows[:, at.RECORD_INSTRUMENT], "price_digits")

    def _scales(self, which: IntArray, digits: str) -> IntArray:
        return self._known(which, [*(10 ** getattr(i, digits) for i in self.instruments), 1])

    def _known(self, which: IntArray, values: Sequence[int]) -> IntArray:
        """Return the value of each instrument's number; the last is for none of this run."""
        found: IntArray = np.array(values, np.int64)[_places(which, len(self.instruments))]
        return found


def _chosen(rows: IntArray, columns: dict[int, int]) -> NDArray[np.float64]:
    """Return from each row the one of A0 to A9 that its kind keeps something in; NaN for none."""
    found = np.full(len(rows), np.nan)
    for kind, column in columns.items():
        mine = rows[:, at.RECORD_KIND] == kind
        found[mine] = rows[mine, at.A0 + column]
    return found


def _reasons(rows: IntArray) -> pl.Series:
    numbers = np.nan_to_num(_chosen(rows, REASON)).astype(np.int64)
    words = {int(reason): REASONS.get(reason, reason.name) for reason in Reason}
    return _names(words, numbers)


def _sides(numbers: IntArray) -> pl.Series:
    return _members_of((Side.SELL.name, Side.BUY.name), (numbers > 0).astype(np.int64))


def _members(kind: type[OrderType] | type[TimeInForce], numbers: IntArray) -> pl.Series:
    return _names({int(member): member.name for member in kind}, numbers)


def _members_of(names: Sequence[str], numbers: IntArray) -> pl.Series:
    return _names(dict(enumerate(names)), numbers)


def _flag_names(flags: int) -> str:
    return " ".join(flag.name or "" for flag in OrderFlag if flags & flag)


def _column(pairs: Sequence[Pair], name: str) -> IntArray:
    return np.array([getattr(pair, name) for pair in pairs], np.int64)


def _names(names: dict[int, str], numbers: NDArray[Any]) -> pl.Series:
    """Return the name of each number, null for one that has none."""
    nobody = max(names, default=-1) + 1
    words = pl.Series([*(names.get(k) for k in range(nobody)), None], dtype=pl.String)
    return words[pl.Series(_places(numbers, nobody))]


def _places(numbers: NDArray[Any], nobody: int) -> "NDArray[np.uint32]":
    """Return the numbers that are at least 0 and below `nobody`, and `nobody` for all others."""
    places: NDArray[np.uint32] = np.minimum(numbers.astype(np.uint64), nobody).astype(np.uint32)
    return places
