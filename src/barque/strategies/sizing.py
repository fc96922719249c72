"""How much to hold: rules of sizing, the same inside compiled hooks and in plain Python.

Every rule works with `money` (equity, or the part of it a strategy may use) and `worth`, what one
unit of quantity costs: its price times the contract's multiplier. All of them return what to hold,
not what to trade, and hold nothing where a number is missing or no price is known.

- fixed: a quantity, in whole lots (`whole_lots`);
- fraction of equity: a part of the money after a cash buffer is set aside (`share_of`);
- volatility target: as much as moves the money by the wanted volatility (`volatility_target`);
- Kelly: the part of the money that grows fastest in the long run (`kelly_of_bets`,
  `kelly_of_returns`); half of it loses a quarter of the growth and is what most people bear;
- target weights: whole lots for many instruments at once (`target_lots`).
"""

import numpy as np
from numba import njit

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT

HAIR = 1e-9
"""What a quotient may lack of a whole number, and money of a sum, because floats are rounded."""


@njit(**JIT)
def whole_lots(quantity: float, lot: float) -> float:
    """Return a quantity in whole lots, rounded towards zero."""
    if not (lot > 0.0 and abs(quantity) < np.inf):
        return 0.0
    return np.sign(quantity) * np.floor(abs(quantity) / lot + HAIR) * lot


@njit(**JIT)
def share_of(money: float, worth: float, fraction: float, buffer: float) -> float:
    """Return the quantity that `fraction` of the money buys when the part `buffer` stays cash.

    A negative fraction is short by as much.
    """
    if not (money > 0.0 and worth > 0.0 and 0.0 <= buffer <= 1.0):
        return 0.0
    return _or_nothing(fraction * (1.0 - buffer) * money / worth)


@njit(**JIT)
def volatility_target(
    money: float, worth: float, volatility: float, target: float, most: float
) -> float:
    """Return the quantity whose value moves the money by `target`.

    `volatility` is the standard deviation of the instrument's return and `target` the wanted one
    of the money, over the same time. `most` is the largest value to hold, as a part of the money:
    quiet times ask for more than anybody has.
    """
    if not (money > 0.0 and worth > 0.0 and volatility > 0.0):
        return 0.0
    return _or_nothing(min(target / volatility, most) * money / worth)


@njit(**JIT)
def kelly_of_bets(chance: float, payoff: float) -> float:
    """Return the part of the money to bet: chance − (1 − chance) / payoff, at least 0.

    `chance` is that of winning, `payoff` what is won for one that is lost. Kelly (1956), A new
    interpretation of information rate.
    """
    if not (payoff > 0.0 and 0.0 <= chance <= 1.0):
        return 0.0
    return max(0.0, chance - (1.0 - chance) / payoff)


@njit(**JIT)
def kelly_of_returns(mean: float, variance: float) -> float:
    """Return the part of the money to hold: mean / variance of the return above cash.

    Negative is short; above 1 is borrowed. Thorp (2006), The Kelly criterion in blackjack, sports
    betting and the stock market, section 7.
    """
    return _or_nothing(mean / variance) if variance > 0.0 else 0.0


@njit(**JIT)
def target_lots(
    weights: FloatArray, worths: FloatArray, money: float, lots: IntArray, order: IntArray,
    remainders: FloatArray,
) -> float:  # fmt: skip
    """Write into `lots` the whole lots to hold for `weights` of the money; return what they cost.

    All arrays have one entry an instrument: `worths` is what one lot costs, a negative weight is
    short, `order` and `remainders` are room to work in. Each instrument first gets its share in
    whole lots, rounded towards zero. What that leaves over buys one more lot each, the largest
    remainder first (ties: the first instrument), of those it suffices for. So together they never
    cost more than the weights' part of the money, and each is less than a lot from its exact share,
    both to a billionth. The share of an instrument without a price stays cash.
    """
    left, count = 0.0, 0
    for i in range(lots.size):
        lots[i] = 0
        exact = abs(weights[i]) * money / worths[i] if worths[i] > 0.0 else 0.0
        if 0.0 < exact < 1e15:
            lots[i] = np.int64(np.floor(exact + HAIR))
            remainders[i] = exact - lots[i]
            left += remainders[i] * worths[i]
            order[count] = i
            count += 1
    _spend(worths, left + HAIR * abs(money), lots, order[:count], remainders)
    spent = 0.0
    for i in range(lots.size):
        if lots[i] > 0:
            spent += lots[i] * worths[i]
        if weights[i] < 0.0:
            lots[i] = -lots[i]
    return spent


@njit(**JIT)
def _spend(
    worths: FloatArray, left: float, lots: IntArray, heap: IntArray, remainders: FloatArray
) -> None:
    """Buy one more lot each with what is left, the largest remainder first."""
    size, cheapest = heap.size, np.inf
    for i in heap:
        cheapest = min(cheapest, worths[i])
    for parent in range(size // 2 - 1, -1, -1):
        _sink(heap, parent, size, remainders)
    while size > 0 and left >= cheapest:
        i = heap[0]
        if worths[i] <= left and remainders[i] > HAIR:
            lots[i] += 1
            left -= worths[i]
        size -= 1
        heap[0] = heap[size]
        _sink(heap, 0, size, remainders)


@njit(**JIT)
def _sink(heap: IntArray, parent: int, size: int, remainders: FloatArray) -> None:
    """Restore the order of a heap whose top may be too small."""
    while 2 * parent + 1 < size:
        child = 2 * parent + 1
        if child + 1 < size and _is_first(heap[child + 1], heap[child], remainders):
            child += 1
        if not _is_first(heap[child], heap[parent], remainders):
            return
        heap[parent], heap[child] = heap[child], heap[parent]
        parent = child


@njit(**JIT)
def _is_first(i: int, j: int, remainders: FloatArray) -> bool:
    return remainders[i] > remainders[j] or (remainders[i] == remainders[j] and i < j)


@njit(**JIT)
def _or_nothing(quantity: float) -> float:
    return quantity if abs(quantity) < np.inf else 0.0
