"""PyAlgoTrade's broker tests: orders, bars, and the price and the cash of each fill.

A step is a bar (open, high, low, close) and the order that was sent before it, if one was: signed
quantity, limit and stop, 0 for none.
"""

from typing import NamedTuple

Step = tuple[tuple[float, float, float, float], tuple[int, float, float] | None]


class Case(NamedTuple):
    cash: int
    steps: tuple[Step, ...]
    prices: tuple[int, ...]
    after: tuple[int, ...]
    terms: str = "terms.toml"


USUAL = (10, 15, 8, 12)
BUY, SELL = (1, 0, 0), (-1, 0, 0)
QUIET_BELOW, QUIET_ABOVE = (8, 9, 7, 8), (9, 10, 9, 10)


def flat(price: float) -> tuple[float, float, float, float]:
    return (price, price, price, price)


def bought_and_sold(
    buy: tuple[int, float, float],
    buying: tuple[tuple[float, float, float, float], ...],
    sell: tuple[int, float, float],
    selling: tuple[tuple[float, float, float, float], ...],
) -> tuple[Step, ...]:
    """Return the steps of a purchase that waits for some bars, and of such a sale."""
    steps = []
    for order, bars in ((buy, buying), (sell, selling)):
        steps += [(bar, order if k == 0 else None) for k, bar in enumerate(bars)]
    return tuple(steps)


STOP_LIMIT = (1, 12, 10), (-1, 6, 8)
INVERTED = (1, 10, 12), (-1, 8, 6)
BEYOND, FAR_BELOW = (13, 15, 13, 14), (4, 5, 3, 4)
TOUCHED, TOUCHED_BELOW = (11, 12, 10.5, 11), (7, 7, 6, 7)

CASES = {
    "a short sale, bought back twice over, and sold": Case(
        1000,
        ((flat(100), SELL), (flat(50), (2, 0, 0)), (flat(100), SELL)),
        (100, 50, 100),
        (1100, 1000, 1100),
    ),
    "all the cash spent, then sold short, then covered": Case(
        100,
        ((flat(100), BUY), (flat(100), (-2, 0, 0)), (flat(100), BUY)),
        (100, 100, 100),
        (0, 200, 100),
    ),
    "a fixed fee": Case(
        1010,
        ((flat(100), (-10, 0, 0)), (flat(100), (19, 0, 0))),
        (100, 100),
        (2000, 90),
        "terms_with_a_fee.toml",
    ),
    "sold in two steps": Case(
        20,
        ((USUAL, (2, 0, 0)), (USUAL, SELL), ((11, 15, 8, 12), SELL)),
        (10, 10, 11),
        (0, 10, 21),
    ),
    "limits inside the bar": Case(
        20, (((12, 15, 8, 12), (1, 10, 0)), ((10, 17, 8, 10), (-1, 15, 0))), (10, 15), (10, 25)
    ),
    "limits, and an open that is better": Case(
        20, (((12, 15, 8, 12), (1, 14, 0)), ((16, 17, 8, 10), (-1, 15, 0))), (12, 16), (8, 24)
    ),
    "limits, and a bar that is all better": Case(
        20, (((10, 15, 8, 10), (1, 20, 0)), ((35, 40, 32, 35), (-1, 30, 0))), (10, 35), (10, 45)
    ),
    "a limit that waits": Case(10, ((USUAL, (2, 4, 0)), ((2, 15, 1, 12), None)), (2,), (6,)),
    "a long position's stop": Case(
        15, ((USUAL, BUY), ((10, 15, 10, 12), (-1, 0, 9)), (USUAL, None)), (10, 9), (5, 14)
    ),
    "a long position's stop, gapped": Case(
        15, ((USUAL, BUY), ((10, 15, 10, 12), (-1, 0, 9)), ((5, 8, 4, 7), None)), (10, 5), (5, 10)
    ),
    "a short position's stop": Case(
        15, ((USUAL, SELL), ((8, 10, 7, 9), (1, 0, 11)), (USUAL, None)), (10, 11), (25, 14)
    ),
    "a short position's stop, gapped": Case(
        15, ((USUAL, SELL), ((8, 10, 7, 9), (1, 0, 11)), ((15, 20, 13, 14), None)),
        (10, 15), (25, 10),
    ),
    "stop-limits, at the open": Case(
        15,
        bought_and_sold(
            STOP_LIMIT[0], (QUIET_BELOW, BEYOND, (11, 15, 10, 14)),
            STOP_LIMIT[1], (QUIET_ABOVE, FAR_BELOW, (7, 8, 6, 7)),
        ),
        (11, 7), (4, 11),
    ),
    "stop-limits, at an open beyond the limit": Case(
        15,
        bought_and_sold(
            STOP_LIMIT[0], (QUIET_BELOW, (13, 18, 13, 17), (7, 9, 6, 8)),
            STOP_LIMIT[1], (QUIET_ABOVE, FAR_BELOW, (10, 12, 8, 10)),
        ),
        (7, 10), (8, 18),
    ),
    "stop-limits, at the limit": Case(
        15,
        bought_and_sold(
            STOP_LIMIT[0], (QUIET_BELOW, BEYOND, (13, 15, 10, 14)),
            STOP_LIMIT[1], (QUIET_ABOVE, FAR_BELOW, (5, 7, 5, 6)),
        ),
        (12, 6), (3, 9),
    ),
    "stop-limits, triggered and filled in one bar": Case(
        15,
        bought_and_sold(STOP_LIMIT[0], ((9, 15, 8, 14),), STOP_LIMIT[1], ((9, 10, 5, 8),)),
        (10, 8), (5, 13),
    ),
    "limits on the other side of the stop, at the open": Case(
        15,
        bought_and_sold(
            INVERTED[0], (QUIET_BELOW, TOUCHED, (9, 15, 8, 14)),
            INVERTED[1], (QUIET_ABOVE, TOUCHED_BELOW, (9, 10, 8, 9)),
        ),
        (9, 9), (6, 15),
    ),
    "limits on the other side of the stop, at an open beyond": Case(
        15,
        bought_and_sold(
            INVERTED[0], (QUIET_BELOW, TOUCHED, (7, 9, 6, 8)),
            INVERTED[1], (QUIET_ABOVE, TOUCHED_BELOW, (10, 10, 9, 9)),
        ),
        (7, 10), (8, 18),
    ),
    "limits on the other side of the stop, at the limit": Case(
        15,
        bought_and_sold(
            INVERTED[0], (QUIET_BELOW, TOUCHED, (11, 13, 8, 9)),
            INVERTED[1], (QUIET_ABOVE, TOUCHED_BELOW, (7, 10, 6, 9)),
        ),
        (10, 8), (5, 13),
    ),
    "a limit above the stop, in one bar": Case(
        15, (((6, 10, 5, 7), INVERTED[1]),), (8,), (23,)
    ),
}  # fmt: skip

DIFFERENT = Case(15, (((9, 15, 8, 14), INVERTED[0]),), (10,), (5,))
"""A purchase stopped in at 12 with a limit of 10: did the market see 8 before 15, or after?"""
