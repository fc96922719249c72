"""Watch over an account when a slice ends: losses of the day, drawdown, maintenance margin.

Rules, for accounts with such a limit or a margin model:

* Equity is looked at when a slice ends: when every event of one timestamp has been seen.
* A UTC day begins with the equity at the end of the last slice of the day before. When more than
  the daily loss is gone, the account is halted until the first slice of another day has ended.
* The peak is the highest equity at the end of a slice. When equity is further below it than the
  drawdown allows, the account is halted for good.
* A halt cancels every order that could open something; reductions pass.
* Below the maintenance margin an account with leverage is closed out: all working orders are
  canceled, and the engine sells or buys back whole positions at the market, the one that binds
  most first, as many as it takes for the equity to cover the rest at the last prices. It looks
  again when each slice ends. Once covered, what it still has at work is canceled and the account
  trades on.
"""

from numba import njit

from barque.domain.margin import MarginModel
from barque.domain.orders import Halt, OrderFlag, OrderType, Reason, Side, TimeInForce
from barque.engine.apply import begin_record, end_order, halt
from barque.engine.ledger import fold, following
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.layout import (
    A0,
    A1,
    A2,
    A3,
    A5,
    ACCEPTED,
    CANCELED,
    DAY,
    DAY_EQUITY,
    EQUITY,
    FIRST_ORDER,
    FREE_SLOT,
    HALT,
    HALTED,
    LIQUIDATED,
    LIQUIDATION,
    MAINTENANCE_MARGIN,
    MARGIN_KEPT,
    MARGIN_MODEL,
    MAX_DAY_LOSS,
    MAX_DRAWDOWN,
    NEXT_ORDER_ID,
    NOW,
    ORDER_FLAGS,
    ORDER_ID,
    PEAK_EQUITY,
    POSITION,
    REDUCING_BUY,
    REDUCING_SELL,
    SLICE_EQUITY,
    WATCH_EXPOSURE,
    WATCH_LOSSES,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.money import RATE, mul_div
from barque.risk.limits import NO_BOUND

GUARDED = WATCH_LOSSES | WATCH_EXPOSURE
"""What is watched when a slice ends."""

DAY_NS = 86_400 * 10**9
BUY, SELL = int(Side.BUY), int(Side.SELL)
MARKET, GTC = int(OrderType.MARKET), int(TimeInForce.GTC)
FORCED = int(OrderFlag.FORCED)
RATES = int(MarginModel.RATES)
FORCED_FLAGS = int(OrderFlag.FORCED | OrderFlag.REDUCE_ONLY)
DAILY_LOSS, DRAWDOWN = int(Halt.DAILY_LOSS), int(Halt.DRAWDOWN)
BY_LIQUIDATION = int(Reason.LIQUIDATION)


@njit(**INNER)
def keep_watch(account: IntArray) -> None:
    """Remember the equity of the slice that ends, of its day's beginning, and the highest.

    Not a record: whoever has the market and the records has the equity.
    """
    day, equity = account[NOW] // DAY_NS, account[EQUITY]
    if day != account[DAY]:
        account[DAY] = day
        account[DAY_EQUITY] = account[SLICE_EQUITY]
    account[PEAK_EQUITY] = max(account[PEAK_EQUITY], equity)
    account[SLICE_EQUITY] = equity


@called
def guard(account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray) -> None:
    """Halt an account that lost too much, and close out one that is short of margin."""
    begins_day = account[NOW] // DAY_NS != account[DAY]
    keep_watch(account)
    if begins_day and account[HALTED] == DAILY_LOSS:
        r = begin_record(account, records, HALT, -1)
        fold(account, instruments, orders, records, r)
    _stop_losses(
        account, instruments, orders, records, DRAWDOWN, account[PEAK_EQUITY], account[MAX_DRAWDOWN]
    )
    _stop_losses(
        account,
        instruments,
        orders,
        records,
        DAILY_LOSS,
        account[DAY_EQUITY],
        account[MAX_DAY_LOSS],
    )
    if account[LIQUIDATED] != 0:
        _go_on_closing_out(account, instruments, orders, records)
    elif account[MARGIN_MODEL] == RATES and account[EQUITY] < account[MAINTENANCE_MARGIN]:
        _begin_closing_out(account, instruments, orders, records)


@called
def _stop_losses(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    why: int,
    before: int,
    rate: int,
) -> None:
    """Halt the account if it lost more than `rate` of what it had before."""
    if rate == NO_BOUND:
        return
    allowed, ok = mul_div(before, rate, RATE)
    lost = before - account[EQUITY]
    if ok and lost > 0 and lost > allowed:
        halt(account, instruments, orders, records, why, -1, before, account[EQUITY])


@called
def _begin_closing_out(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray
) -> None:
    _say(account, instruments, orders, records, 1)
    for i in range(instruments.shape[0]):
        _cancel(account, instruments, orders, records, i, 0)
    _close_largest(account, instruments, orders, records)


@called
def _go_on_closing_out(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray
) -> None:
    if account[EQUITY] < account[MAINTENANCE_MARGIN]:
        _close_largest(account, instruments, orders, records)
        return
    for i in range(instruments.shape[0]):
        _cancel(account, instruments, orders, records, i, FORCED)
    _say(account, instruments, orders, records, 0)


@called
def _say(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, begins: int
) -> None:
    r = begin_record(account, records, LIQUIDATION, -1)
    records[r, A0] = account[EQUITY]
    records[r, A1] = account[MAINTENANCE_MARGIN]
    records[r, A2] = begins
    fold(account, instruments, orders, records, r)


@called
def _cancel(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, i: int, flag: int
) -> None:
    """Cancel the working orders of instrument `i` that have `flag`; 0: all of them."""
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        if flag == 0 or orders[slot, ORDER_FLAGS] & flag:
            end_order(account, instruments, orders, records, slot, CANCELED, BY_LIQUIDATION)
        slot = following(instruments, orders, i, slot, order_id)


@called
def _close_largest(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray
) -> None:
    """Close positions, the largest first, until those that stay are covered.

    What is being closed already counts as closed. Equal ones go in the order of the run.
    """
    missing = account[MAINTENANCE_MARGIN] - account[EQUITY]
    above, after = -1, -1
    for _ in range(instruments.shape[0]):
        if missing <= 0:
            return
        i = _next_largest(instruments, above, after)
        if i < 0:
            return
        above, after = instruments[i, MARGIN_KEPT], i
        missing -= above
        _close(account, instruments, orders, records, i)


@njit(**INNER)
def _next_largest(instruments: IntArray, above: int, after: int) -> int:
    """Return the position that follows (`above`, `after`) from large to small, -1 for none."""
    found, largest = -1, -1
    for i in range(instruments.shape[0]):
        kept = instruments[i, MARGIN_KEPT]
        comes = above < 0 or kept < above or (kept == above and i > after)
        if instruments[i, POSITION] != 0 and comes and kept > largest:
            found, largest = i, kept
    return found


@called
def _close(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, i: int
) -> None:
    """Send a market order for what of a position no order is closing yet."""
    held = instruments[i, POSITION]
    side = SELL if held > 0 else BUY
    closing = instruments[i, WORKING_BUY] + instruments[i, REDUCING_BUY]
    if held > 0:
        closing = instruments[i, WORKING_SELL] + instruments[i, REDUCING_SELL]
    quantity = abs(held) - closing
    if quantity <= 0 or account[FREE_SLOT] < 0:
        return
    r = begin_record(account, records, ACCEPTED, i)
    records[r, A0] = account[NEXT_ORDER_ID]
    records[r, A1] = MARKET
    records[r, A2] = side
    records[r, A3] = quantity
    records[r, A5] = GTC + 256 * FORCED_FLAGS
    fold(account, instruments, orders, records, r)
