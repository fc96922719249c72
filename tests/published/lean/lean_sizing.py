"""How LEAN turns a target weight into an order, written down from its published rules."""

import math

BUFFER = 0.0025
"""The part of the equity that is kept free."""


def fee(quantity):
    """Return what Interactive Brokers take for an order in US shares."""
    return max(1.0, 0.005 * quantity)


def order_for(weight, equity, price, held):
    """Return the signed quantity that brings a holding to `weight` of the equity.

    The order is floored, and shrunk by whole shares until it and its fee fit the target.
    """
    target, value = (1 - BUFFER) * weight * equity, held * price
    side = 1 if target > value else -1
    missing = abs(target - value)
    quantity = math.floor(missing / price)
    while quantity > 0:
        target = (1 - BUFFER) * weight * (equity - fee(quantity))
        missing = abs(target - value)
        if abs(held + side * quantity) * price <= abs(target):
            break
        excess = (quantity * price - missing) / price
        quantity -= math.ceil(excess) if excess > 0 else math.floor(excess)
    return side * quantity
