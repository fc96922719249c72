"""What no cost and no margin can be is refused at the door, in words."""

from decimal import Decimal

import pytest

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Costs,
    MakerTaker,
    Percentage,
    PerContract,
    PerShare,
    Ticks,
    Tier,
    VolumeShare,
    models_of,
)
from barque.domain.errors import BadInput
from barque.domain.margin import REG_T, Leverage, leverage_of

D = Decimal


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity"])
@pytest.mark.parametrize("model", [Percentage, PerContract, BasisPoints, VolumeShare])
def test_a_cost_that_is_no_cost_is_refused(model, value) -> None:
    with pytest.raises(BadInput, match="a cost is a number of at least 0"):
        model(D(value))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Costs(slippage=D(1)), "0.0005 is 5 bp"),
        (lambda: BasisPoints(D(10_000)), "the whole price"),
        (lambda: PerShare(each=D(1), maximum=D(2)), "at most 1"),
        (lambda: MakerTaker(maker=D(0), taker=D(1)), "taker is 1"),
        (lambda: Ticks(-1), "from 0 to a million"),
        (lambda: CostModels(of={"A.X": CostModels(of={"B.X": CostModels()})}), "A.X name further"),
        (lambda: Leverage(initial=D("0.1"), maintenance=D("0.2")), "closed out as soon"),
        (lambda: Leverage(initial=D(2), maintenance=D(1)), "from 0 to 1"),
    ],
)
def test_what_contradicts_itself_is_refused(made, said) -> None:
    with pytest.raises(BadInput, match=said):
        made()


def test_tiers_must_rise() -> None:
    tiers = (Tier(D(5), D(0), D(0)), Tier(D(5), D(0), D(0)))

    with pytest.raises(BadInput, match="above the one before it"):
        MakerTaker(maker=D(0), taker=D(0), tiers=tiers)


def test_regulation_t_asks_half_and_keeps_a_quarter_or_three_tenths() -> None:
    assert (REG_T.initial, REG_T.maintenance, REG_T.of_short) == (D("0.5"), D("0.25"), D("0.3"))


def test_three_numbers_are_a_percentage_with_an_amount_a_unit_and_basis_points() -> None:
    costs = Costs(fee=D("0.001"), fee_per_unit=D("0.005"), slippage=D("0.0002"))

    models = models_of(costs)

    assert models == CostModels(fee=Percentage(D("0.001"), D("0.005")), slippage=BasisPoints(D(2)))
    assert models_of(models) is models


@pytest.mark.parametrize(
    ("times", "initial", "maintenance"),
    [("1", "1", "0.5"), ("5", "0.2", "0.1"), ("3", "0.333333333334", "0.166666666667")],
)
def test_a_leverage_is_its_part_to_open_and_half_of_it_to_keep(times, initial, maintenance) -> None:
    assert leverage_of(D(times)) == Leverage(initial=D(initial), maintenance=D(maintenance))


@pytest.mark.parametrize("times", ["0.99", "0", "-1"])
def test_a_leverage_below_one_is_refused(times) -> None:
    with pytest.raises(BadInput, match="1 or more is required"):
        leverage_of(D(times))
