"""What positions and working orders weigh: exposure, initial and maintenance margin.

Rules, for accounts that have a margin model or a limit on exposure:

* The exposure of an instrument is the larger of two worths at its last price: of the position if
  every working buy order filled, and if every working sell order filled. In the account's
  currency, without sign. The whole notional counts, of a margined instrument too.
* Gross exposure is the sum of them. Net exposure is the sum of the signed worths on one side.
* Initial margin is the exposure times the instrument's initial rate: what orders at work would
  bind is bound when they are placed.
* Maintenance margin is the worth of what is held times the instrument's maintenance rate.
"""

from numba import njit

from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.currencies import at_home
from barque.kernels.layout import (
    CURRENCY,
    EXPOSURE_DOWN,
    EXPOSURE_UP,
    GROSS,
    INITIAL_MARGIN,
    INITIAL_RATE,
    LAST,
    MAINTENANCE_MARGIN,
    MAINTENANCE_RATE,
    MARGIN_BOUND,
    MARGIN_KEPT,
    NET_DOWN,
    NET_UP,
    ORDER_WINDOW,
    POSITION,
    SHORT_MAINTENANCE,
    WINDOW_ORDERS,
    WINDOW_START,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.money import RATE, fits, mul_div, notional

MONEY = LARGEST_MONEY
LARGEST = LARGEST_VALUE


@called
def exposure(
    account: IntArray, instruments: IntArray, i: int, quantity: int, price: int
) -> tuple[int, bool]:
    """Return the signed worth of a quantity at a price, in the account's currency."""
    value, ok = notional(instruments, i, price, quantity)
    worth, worth_ok = at_home(account, instruments[i, CURRENCY], value)
    return worth, ok and worth_ok and fits(worth)


@njit(**INNER)
def exposure_of(instruments: IntArray, i: int) -> int:
    """Return the exposure of an instrument."""
    return max(abs(instruments[i, EXPOSURE_UP]), abs(instruments[i, EXPOSURE_DOWN]))


@njit(**INNER)
def gross_with(account: IntArray, instruments: IntArray, i: int, up: int, down: int) -> int:
    """Return the gross exposure if instrument `i` had these worths on its sides."""
    return account[GROSS] - exposure_of(instruments, i) + max(abs(up), abs(down))


@njit(**INNER)
def initial_margin(instruments: IntArray, i: int, up: int, down: int) -> int:
    """Return what an instrument with these worths on its sides binds."""
    bound, _ = mul_div(max(abs(up), abs(down)), instruments[i, INITIAL_RATE], RATE)
    return bound


@called
def can_weigh(account: IntArray, instruments: IntArray, i: int, position: int, price: int) -> bool:
    """Return whether `position` at `price`, without working orders, fits into gross exposure."""
    held, ok = exposure(account, instruments, i, position, price)
    return ok and gross_with(account, instruments, i, held, held) <= MONEY


@called
def weigh(account: IntArray, instruments: IntArray, i: int) -> bool:
    """Count instrument `i` anew; keep what was counted where it does not fit, and say so."""
    position, last = instruments[i, POSITION], instruments[i, LAST]
    long, short = position + instruments[i, WORKING_BUY], position - instruments[i, WORKING_SELL]
    held, ok = exposure(account, instruments, i, position, last)
    up, down, up_ok, down_ok = held, held, True, True
    if long != position:
        up, up_ok = exposure(account, instruments, i, long, last)
    if short != position:
        down, down_ok = exposure(account, instruments, i, short, last)
    gross = gross_with(account, instruments, i, up, down)
    if not (ok and up_ok and down_ok) or gross > MONEY:
        return False
    rate = instruments[i, MAINTENANCE_RATE]
    if position < 0:
        rate = instruments[i, SHORT_MAINTENANCE]
    kept, _ = mul_div(abs(held), rate, RATE)
    bound = initial_margin(instruments, i, up, down)
    account[GROSS] = gross
    account[NET_UP] += up - instruments[i, EXPOSURE_UP]
    account[NET_DOWN] += down - instruments[i, EXPOSURE_DOWN]
    account[INITIAL_MARGIN] += bound - instruments[i, MARGIN_BOUND]
    account[MAINTENANCE_MARGIN] += kept - instruments[i, MARGIN_KEPT]
    instruments[i, EXPOSURE_UP] = up
    instruments[i, EXPOSURE_DOWN] = down
    instruments[i, MARGIN_BOUND] = bound
    instruments[i, MARGIN_KEPT] = kept
    return True


@njit(**INNER)
def weigh_currency(account: IntArray, instruments: IntArray, c: int) -> bool:
    """Count every instrument that is quoted in currency `c` anew."""
    ok = True
    for i in range(instruments.shape[0]):
        if instruments[i, CURRENCY] == c:
            ok = weigh(account, instruments, i) and ok
    return ok


@njit(**INNER)
def count_order(account: IntArray, ts: int) -> None:
    """Count an order in the window of the order rate; a window begins with its first order."""
    if ts >= account[WINDOW_START] + account[ORDER_WINDOW]:
        account[WINDOW_START] = ts
        account[WINDOW_ORDERS] = 0
    account[WINDOW_ORDERS] += 1


@njit(**INNER)
def orders_in_window(account: IntArray, ts: int) -> int:
    """Return how many orders were accepted in the window that `ts` lies in."""
    over = ts >= account[WINDOW_START] + account[ORDER_WINDOW]
    return 0 if over else account[WINDOW_ORDERS]
