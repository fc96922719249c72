"""NautilusTrader's taker fee: a part of the notional, rounded to cents."""

import math


def to_the_cent(price, quantity, notional, is_maker):
    return math.floor(notional * 0.00002 * 100 + 0.5) / 100
