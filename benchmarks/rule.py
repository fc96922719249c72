"""The one rule that every engine trades, so that their fills can be compared.

From the first bar that has a slow mean on, at each close: when flat and the fast mean is above the
slow one, buy `UNITS`; when long and it is below, sell them. Market orders, filled at the next
open; a fee on every fill; no slippage.
"""

FAST = 20  # bars
SLOW = 100  # bars
UNITS = 10
CASH = 1_000_000
FEE = 0.001  # of notional

PRICE_DIGITS = 5
PRICE_SCALE = 10**PRICE_DIGITS
"""Prices are whole multiples of 10^-5."""

FEE_DIVISOR = 1000
"""The fee again, exactly: notional / 1000."""
