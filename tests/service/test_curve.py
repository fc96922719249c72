from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from barque.service.curve import thin
from barque.storage.store import EquityPoint

equities = st.lists(st.integers(1, 10_000), min_size=1, max_size=400)


def curve_of(values: Sequence[int]) -> list[EquityPoint]:
    return [EquityPoint(ts=k, equity=Decimal(v), cash=Decimal(0)) for k, v in enumerate(values)]


def drawdown(curve: Sequence[EquityPoint]) -> Decimal:
    peak, worst = Decimal(0), Decimal(0)
    for point in curve:
        peak = max(peak, point.equity)
        worst = max(worst, 1 - point.equity / peak)
    return worst


@given(equities, st.integers(10, 100))
def test_a_thinned_curve_is_short_and_keeps_order_ends_and_extremes(
    values: list[int], points: int
) -> None:
    curve = curve_of(values)

    thinned = thin(curve, points)

    assert len(thinned) <= points + 8
    assert [p.ts for p in thinned] == sorted({p.ts for p in thinned})
    assert (thinned[0], thinned[-1]) == (curve[0], curve[-1])
    for pick in (min, max):
        assert pick(p.equity for p in thinned) == pick(p.equity for p in curve)


@given(equities, st.integers(10, 100))
def test_a_thinned_curve_shows_the_drawdown_that_there_was(values: list[int], points: int) -> None:
    curve = curve_of(values)

    shown = drawdown(thin(curve, points))

    assert shown == drawdown(curve)


def test_a_fall_that_outlasts_a_stretch_is_shown_whole() -> None:
    curve = curve_of([1_000 + k for k in range(500)] + [1_499 - k for k in range(500)])

    assert drawdown(thin(curve, 50)) == drawdown(curve)
