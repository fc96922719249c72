"""What a run was told becomes words, and words stay what they are."""

from dataclasses import dataclass
from decimal import Decimal

from barque.domain.costs import Costs
from barque.domain.orders import FillTime
from barque.research.words import plain


@dataclass(frozen=True)
class Inner:
    rate: Decimal


@dataclass(frozen=True)
class Outer:
    fee: Inner
    of: dict
    fill: FillTime
    function: object = None


def own(price: float) -> float:
    return price


def test_costs_are_exact_texts() -> None:
    costs = Costs(fee=Decimal("0.0010"))

    assert plain(costs) == {"fee": "0.0010", "fee_per_unit": "0", "slippage": "0"}


def test_a_model_within_is_told_apart_by_its_name() -> None:
    told = Outer(Inner(Decimal(1)), {"A": (Inner(Decimal(2)), None)}, FillTime.NEXT_OPEN, own)

    assert plain(told) == {
        "fee": {"model": "Inner", "rate": "1"},
        "of": {"A": [{"model": "Inner", "rate": "2"}, None]},
        "fill": "NEXT_OPEN",
        "function": "own",
    }


def test_words_stay_words() -> None:
    words = plain(Outer(Inner(Decimal(1)), {}, FillTime.NEXT_OPEN))

    assert plain(words) == words
