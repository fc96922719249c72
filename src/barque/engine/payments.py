"""Fold what is paid: the money of a fill, of a dividend, of funding, of interest, of an ending.

Rules:

* A fill of an ordinary instrument pays its notional and its fee. A fill of a margined one pays its
  fee, and receives what the closed part of the position earned.
* The sum of what records say was paid explains every currency's cash to the last unit.
"""

from numba import njit

from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.costs import count_volume
from barque.kernels.currencies import at_home, block, revalue, settle
from barque.kernels.layout import (
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A8,
    A9,
    CASH,
    COST,
    CURRENCY,
    CURRENCY_CASH,
    DIVIDEND_PAID,
    DIVIDENDS,
    ENDED,
    EQUITY,
    FEES,
    FOREIGN,
    FUNDED,
    FUNDING,
    FUNDING_PAID,
    INSTRUMENT_FEES,
    INTEREST,
    INTEREST_PAID,
    LAST,
    MARGINED,
    POSITION,
    POSITION_VALUE,
    REALIZED,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    SETTLED,
    VALUE,
    VOLUME_OF_DAYS,
)

DAY_NS = 86_400 * 10**9


@njit(**INNER)
def paid_by_fill(instruments: IntArray, i: int, value: int, charged: int, realized: int) -> int:
    """Return what a fill adds to the cash: less than nothing for a purchase."""
    return realized - charged if instruments[i, MARGINED] != 0 else -value - charged


@njit(**INNER)
def paid_in_lieu(instruments: IntArray, i: int, worth: int, cost: int) -> int:
    """Return what is paid for a fraction of a unit that a split leaves."""
    return worth - cost if instruments[i, MARGINED] != 0 else worth


@njit(**INNER)
def fold_fill_money(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """Cash, cost, position, realized profit and fees, by one fill."""
    i = records[k, RECORD_INSTRUMENT]
    value, charged, realized = records[k, A4], records[k, A5], records[k, A8]
    instruments[i, POSITION] += records[k, A1] * records[k, A2]
    # What was closed leaves at cost: the rest of the signed cash paid is the new cost.
    instruments[i, COST] += value + realized
    instruments[i, REALIZED] += realized
    instruments[i, INSTRUMENT_FEES] += charged
    account[FEES] += at_home(account, instruments[i, CURRENCY], charged)[0]
    paid = paid_by_fill(instruments, i, value, charged, realized)
    settle(account, instruments, i, paid, records[k, A9])
    if account[VOLUME_OF_DAYS] > 0:
        traded, _ = at_home(account, instruments[i, CURRENCY], abs(value))
        count_volume(account, records[k, RECORD_TS] // DAY_NS, traded)


@called
def fold_money(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """Fold a payment that no order caused; any other record changes no money."""
    kind, i, paid = records[k, RECORD_KIND], records[k, RECORD_INSTRUMENT], records[k, A0]
    if kind == DIVIDEND_PAID:
        instruments[i, DIVIDENDS] += paid
        _fold_dividend(account, instruments, i, paid, records[k, A3], records[k, A4])
    elif kind == FUNDED:
        instruments[i, FUNDING_PAID] += paid
        account[FUNDING] += at_home(account, instruments[i, CURRENCY], paid)[0]
        settle(account, instruments, i, paid, instruments[i, VALUE])
    elif kind == INTEREST_PAID:
        _fold_interest(account, paid, records[k, A3])
    elif kind == SETTLED:
        _fold_settled(account, instruments, records, k)


@njit(**INNER)
def _fold_dividend(
    account: IntArray, instruments: IntArray, i: int, paid: int, price: int, value: int
) -> None:
    """Cash, and the price without the dividend; journals of older versions have none."""
    if price == 0:
        settle(account, instruments, i, paid, instruments[i, VALUE])
        return
    instruments[i, LAST] = price
    settle(account, instruments, i, paid, value)


@njit(**INNER)
def _fold_interest(account: IntArray, paid: int, c: int) -> None:
    account[INTEREST] += at_home(account, c, paid)[0]
    if c == 0:
        account[CASH] += paid
        account[EQUITY] = account[CASH] + account[POSITION_VALUE] + account[FOREIGN]
    else:
        account[block(c) + CURRENCY_CASH] += paid
        revalue(account, c)


@njit(**INNER)
def _fold_settled(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """The position is paid out and gone; the instrument trades no more."""
    i = records[k, RECORD_INSTRUMENT]
    instruments[i, LAST] = records[k, A1]
    instruments[i, POSITION] = 0
    instruments[i, COST] = 0
    instruments[i, REALIZED] += records[k, A3]
    instruments[i, ENDED] = 1
    settle(account, instruments, i, records[k, A4], 0)
