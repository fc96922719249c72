"""What is said of a record: of what was asked, what became of it, and what moved the account."""

from collections.abc import Callable
from datetime import UTC, datetime

from barque.domain.orders import (
    HALTS,
    REASONS,
    Halt,
    OrderFlag,
    OrderType,
    Reason,
    Side,
    TimeInForce,
)
from barque.kernels import layout as at
from docs.pictures.market import DOLLAR


def clock(ts: int) -> str:
    """Return a moment as hours and minutes."""
    return datetime.fromtimestamp(ts // 10**9, UTC).strftime("%H:%M")


def dollars(units: int) -> str:
    """Return price units as dollars, with a third digit only where there is one."""
    text = f"{units / DOLLAR:,.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def asked_words(record: list[int]) -> str:
    """Say what was asked for."""
    kind, side, quantity = record[at.A1], record[at.A2], record[at.A3]
    tif, flags = record[at.A5] % 256, record[at.A5] // 256
    price, other = record[at.A4], record[at.A7]
    names = {
        OrderType.MARKET: "at the market",
        OrderType.LIMIT: f"limit {dollars(price)}",
        OrderType.STOP: f"stop {dollars(price)}",
        OrderType.STOP_LIMIT: f"stop {dollars(other)}, limit {dollars(price)}",
        OrderType.TRAILING_STOP: f"trailing by {dollars(other)}",
        OrderType.MARKET_ON_OPEN: "on the open",
        OrderType.MARKET_ON_CLOSE: "on the close",
        OrderType.LIMIT_IF_TOUCHED: f"if touched {dollars(other)}, limit {dollars(price)}",
        OrderType.MARKET_IF_TOUCHED: f"if touched {dollars(price)}",
    }
    extras = {
        "DAY": tif == TimeInForce.DAY,
        f"till {clock(record[at.A8])}": tif == TimeInForce.GTD,
        "IOC": tif == TimeInForce.IOC,
        "FOK": tif == TimeInForce.FOK,
        "post-only": flags & OrderFlag.POST_ONLY,
        "reduce-only": flags & OrderFlag.REDUCE_ONLY,
        f"after {record[at.A9]}": flags & OrderFlag.WAITS,
        f"OCO with {record[at.A9]}": flags & OrderFlag.ONE_CANCELS_OTHERS
        and not flags & OrderFlag.WAITS,
    }
    begins = "closed out:" if flags & OrderFlag.FORCED else "asked:"
    refused = f"; refused: {REASONS[Reason(record[at.A6])]}" if record[at.A6] else ""
    more = "".join(f", {name}" for name, holds in extras.items() if holds)
    verb = "buy" if side == Side.BUY else "sell"
    return f"{begins} {verb} {quantity:,} {names[OrderType(kind)]}{more}{refused}"


def _ended(word: str) -> Callable[[list[int]], str]:
    return lambda record: f"{word}: {REASONS[Reason(record[at.A1])]}"


def _filled(record: list[int]) -> str:
    verb = "bought" if record[at.A1] == Side.BUY else "sold"
    rest = f", {record[at.A7]:,} left" if record[at.A7] else ""
    return f"{verb} {record[at.A2]:,} at {dollars(record[at.A3])}{rest}"


def _triggered(record: list[int]) -> str:
    if record[at.A1] == 0:
        return "triggered: works at the market"
    return f"triggered: works as a limit at {dollars(record[at.A1])}"


def _amended(record: list[int]) -> str:
    reason = Reason(record[at.A4])
    if reason == Reason.BY_REQUEST:
        return f"changed: {record[at.A1]:,} left, at {dollars(record[at.A2])}"
    return f"{record[at.A1]:,} left: {REASONS[reason]}"


def _adjusted(record: list[int]) -> str:
    return f"split: {record[at.A1]:,} left, at {dollars(record[at.A2])}"


WORDS: dict[int, Callable[[list[int]], str]] = {
    at.FILLED: _filled,
    at.CANCELED: _ended("canceled"),
    at.EXPIRED: _ended("expired"),
    at.REJECTED: _ended("rejected"),
    at.TRIGGERED: _triggered,
    at.RELEASED: lambda record: "works now",
    at.AMENDED: _amended,
    at.ORDER_ADJUSTED: _adjusted,
}
"""What is said of a record, by its kind. Others have no order."""


def _money(units: int) -> str:
    return f"{units / 10**8:+,.2f}"


def _split(record: list[int]) -> str:
    new, old, before, after, lieu = (record[column] for column in range(at.A0, at.A5))
    fraction = f", {_money(lieu)} for the fraction" if lieu else ""
    return f"split {new}:{old}: {before:,} become {after:,}{fraction}"


def _liquidation(record: list[int]) -> str:
    equity, needed = (f"{record[column] / 10**8:,.0f}" for column in (at.A0, at.A1))
    if record[at.A2]:
        return f"equity {equity} is below the maintenance margin {needed}"
    return f"equity {equity} covers the maintenance margin {needed}"


def _halt(record: list[int]) -> str:
    return f"halted: {HALTS[Halt(record[at.A0])]}" if record[at.A0] else HALTS[Halt.NOT]


OF_ACCOUNT: dict[int, Callable[[list[int]], str]] = {
    at.DIVIDEND_PAID: lambda record: f"dividend on {record[at.A1]:,}: {_money(record[at.A0])}",
    at.SPLIT_APPLIED: _split,
    at.FUNDED: lambda record: f"funding on {record[at.A1]:,}: {_money(record[at.A0])}",
    at.LIQUIDATION: _liquidation,
    at.HALT: _halt,
}
"""What is said of a record that is about no order."""

ENDS = (at.CANCELED, at.EXPIRED, at.REJECTED)
