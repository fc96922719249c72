"""zipline's test_slippage: orders, the bar that they meet, and what of them it fills at what price.

An order is a signed quantity and a stop, 0 for none; a bar is the price that zipline fills at and
a volume.
"""

from typing import NamedTuple


class Case(NamedTuple):
    orders: tuple[tuple[int, float], ...]
    price: float
    volume: int
    filled: tuple[int, ...]
    at: tuple[float, ...]
    participation: float
    points: int = 0
    kind: str = "share"


def share(order, price, volume, filled, at):
    """Return a case of zipline's own rates: a fortieth of the volume, and an impact of 0.1."""
    return Case((order,), price, volume, filled, at, 0.025)


def points(quantities, filled, at, basis_points=5, participation=0.1):
    """Return a case of so many hundredths of a percent, whatever the volume."""
    orders = tuple((quantity, 0) for quantity in quantities)
    return Case(orders, 3.0, 200, filled, at, participation, basis_points)


CASES = {
    "a market order": share((100, 0), 3.0, 200, (5,), (3.0001875,)),
    "a future": Case(((10, 0),), 5.0, 100, (10,), (5.015,), 1, kind="future"),
    "a buy stop that was met": share((100, 3.5), 4.0, 2000, (50,), (4.00025,)),
    "a buy stop that was not met": share((100, 3.6), 3.5, 2000, (), ()),
    "a sell stop that was not met": share((-100, 3.4), 3.5, 2000, (), ()),
    "a sell stop that was met": share((-100, 3.5), 3.0, 2000, (-50,), (2.9998125,)),
    "bought over the limit": points((100,), (20,), (3.0015,)),
    "sold over the limit": points((-100,), (-20,), (2.9985,)),
    "bought under the limit": points((10,), (10,), (3.0015,)),
    "sold under the limit": points((-10,), (-10,), (2.9985,)),
    "ten points": points((100,), (20,), (3.003,), basis_points=10),
    "a fifth of the volume": points((100,), (40,), (3.0015,), participation=0.2),
    "two orders under the limit": points((9, 1), (9, 1), (3.0015, 3.0015)),
    "two orders over the limit": points((-3, 18), (-3, 17), (2.9985, 3.0015)),
    "nothing left for the second": points((20, 20), (20,), (3.0015,)),
}
