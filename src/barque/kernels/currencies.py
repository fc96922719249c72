"""The cash book: what an account owns in each currency, and what that is worth in its own.

Rules:

* An instrument is paid for, and pays, in the cash of its own currency; nothing is exchanged behind
  the trader's back, so buying abroad without cash there is a debt in that currency.
* The rate of a currency is the last price of one instrument of the run: a pair of that currency
  and the account's, either way round. It moves when that instrument is marked, at no other time.
* Equity = cash + positions in the account's currency + what cash and positions in each other
  currency are worth at the last rate. Before the first rate they count for nothing, and nothing
  that is quoted in the currency can be traded.
"""

from numba import njit

from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.layout import (
    ACCOUNT_WIDTH,
    CASH,
    CURRENCIES,
    CURRENCY,
    CURRENCY_CASH,
    CURRENCY_INSTRUMENT,
    CURRENCY_INVERSE,
    CURRENCY_RATE,
    CURRENCY_SHIFT,
    CURRENCY_VALUE,
    CURRENCY_WIDTH,
    CURRENCY_WORTH,
    EQUITY,
    FOREIGN,
    LAST,
    POSITION_VALUE,
    PRICE_SCALE,
    VALUE,
)
from barque.kernels.money import RATE, fits, mul_div

LARGEST_FOREIGN = 10**18
"""Of all other currencies together, so that equity never wraps."""


@njit(**INNER)
def block(c: int) -> int:
    """Return the column of the account where currency `c` begins."""
    return ACCOUNT_WIDTH + c * CURRENCY_WIDTH


@njit(**INNER)
def has_rate(account: IntArray, c: int) -> bool:
    """Return whether it is known what currency `c` is worth."""
    return c == 0 or account[block(c) + CURRENCY_RATE] > 0


@njit(**INNER)
def cash_of(account: IntArray, c: int) -> int:
    """Return the cash in currency `c`."""
    return account[CASH] if c == 0 else account[block(c) + CURRENCY_CASH]


@njit(**INNER)
def at_home(account: IntArray, c: int, amount: int) -> tuple[int, bool]:
    """Return what an amount in currency `c` is worth in the account's own."""
    if c == 0:
        return amount, True
    return mul_div(amount, account[block(c) + CURRENCY_RATE], RATE)


@njit(**INNER)
def settle(account: IntArray, instruments: IntArray, i: int, paid: int, value: int) -> None:
    """Add `paid` to the cash of instrument `i`'s currency and set what its position is worth.

    A negative `paid` is money that left. `can_settle` said that it fits.
    """
    change = value - instruments[i, VALUE]
    instruments[i, VALUE] = value
    c = instruments[i, CURRENCY]
    if c == 0:
        account[CASH] += paid
        account[POSITION_VALUE] += change
        account[EQUITY] = account[CASH] + account[POSITION_VALUE] + account[FOREIGN]
    else:
        account[block(c) + CURRENCY_CASH] += paid
        account[block(c) + CURRENCY_VALUE] += change
        revalue(account, c)


@njit(**INNER)
def can_settle(account: IntArray, instruments: IntArray, i: int, paid: int, value: int) -> bool:
    """Return whether cash, positions and their worth stay in the range of the ledger."""
    change = value - instruments[i, VALUE]
    c = instruments[i, CURRENCY]
    if c == 0:
        cash, total = account[CASH] + paid, account[POSITION_VALUE] + change
        return (paid == 0 or fits(cash)) and fits(total)
    return _can_settle_abroad(account, c, paid, change)


@called
def _can_settle_abroad(account: IntArray, c: int, paid: int, change: int) -> bool:
    cash = account[block(c) + CURRENCY_CASH] + paid
    total = account[block(c) + CURRENCY_VALUE] + change
    if not fits(cash) or not fits(total):
        return False
    return _fits_abroad(account, c, cash + total, account[block(c) + CURRENCY_RATE])


@njit(**INNER)
def _fits_abroad(account: IntArray, c: int, amount: int, rate: int) -> bool:
    worth, ok = mul_div(amount, rate, RATE)
    foreign = account[FOREIGN] - account[block(c) + CURRENCY_WORTH]
    return ok and abs(worth) <= LARGEST_FOREIGN and abs(foreign + worth) <= LARGEST_FOREIGN


@called
def revalue(account: IntArray, c: int) -> None:
    """Count cash and positions in currency `c` at its rate."""
    b = block(c)
    amount = account[b + CURRENCY_CASH] + account[b + CURRENCY_VALUE]
    worth, _ = mul_div(amount, account[b + CURRENCY_RATE], RATE)
    account[FOREIGN] += worth - account[b + CURRENCY_WORTH]
    account[b + CURRENCY_WORTH] = worth
    account[EQUITY] = account[CASH] + account[POSITION_VALUE] + account[FOREIGN]


@njit(**INNER)
def currency_marked_by(account: IntArray, i: int) -> int:
    """Return the currency whose rate is the last price of instrument `i`, 0 for none."""
    for c in range(1, account[CURRENCIES]):
        if account[block(c) + CURRENCY_INSTRUMENT] == i:
            return c
    return 0


@called
def mark_rate(account: IntArray, instruments: IntArray, i: int, c: int) -> bool:
    """Set the rate of currency `c` from the last price; keep the old one where it does not fit."""
    b, price, scale = block(c), instruments[i, LAST], instruments[i, PRICE_SCALE]
    if account[b + CURRENCY_INVERSE]:
        rate, ok = mul_div(scale, account[b + CURRENCY_SHIFT], price)
    else:
        rate, ok = mul_div(price, account[b + CURRENCY_SHIFT], scale)
    amount = account[b + CURRENCY_CASH] + account[b + CURRENCY_VALUE]
    if not ok or rate <= 0 or not _fits_abroad(account, c, amount, rate):
        return False
    account[b + CURRENCY_RATE] = rate
    revalue(account, c)
    return True
