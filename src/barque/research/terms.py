"""The terms of a run: all it is given besides a strategy and a market; and the same in words.

The words are those of a terms file (`bootstrap.terms` reads them): names, exact texts, tables. They
are what is kept of a run and of an account, and with them it can be run again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict

from barque.domain.costs import (
    FREE,
    BasisPoints,
    CostModels,
    Costs,
    MakerTaker,
    OwnFee,
    OwnSlippage,
    Percentage,
    PerContract,
    PerShare,
    Spread,
    SquareRoot,
    Ticks,
    VolumeShare,
    models_of,
)
from barque.domain.errors import BadInput
from barque.domain.margin import UNLIMITED, CashAccount, Leverage, Margin, Unlimited
from barque.domain.orders import FillTime
from barque.domain.rules import USUAL_RULES, Rules
from barque.engine.terms import Cash
from barque.risk.limits import NO_LIMITS, Limits

FEES: Mapping[str, type] = {
    "percentage": Percentage,
    "per_contract": PerContract,
    "per_share": PerShare,
    "maker_taker": MakerTaker,
    "own": OwnFee,
}
SLIPPAGES: Mapping[str, type] = {
    "basis_points": BasisPoints,
    "ticks": Ticks,
    "spread": Spread,
    "volume_share": VolumeShare,
    "square_root": SquareRoot,
    "own": OwnSlippage,
}
MARGINS: Mapping[str, type] = {"unlimited": Unlimited, "cash": CashAccount, "leverage": Leverage}
"""What the models are called in words."""

TIMES = ("latency", "window")
"""Names of what is counted in nanoseconds, and written as "150ms"."""

UNITS = {
    "d": 86_400 * 10**9,
    "h": 3_600 * 10**9,
    "m": 60 * 10**9,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "ns": 1,
}
"""Nanoseconds in each unit of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a run is given besides a strategy and a market. Raises BadInput.

    `cash` is an amount of the account's currency, or of each of several currencies. `currency` is
    the account's own; with instruments of one currency it is theirs.
    """

    cash: Cash = Decimal(1_000_000)
    currency: str | None = None
    costs: Costs | CostModels = FREE
    limits: Limits = NO_LIMITS
    margin: Margin = UNLIMITED
    rules: Rules = USUAL_RULES

    def __post_init__(self) -> None:
        amounts = list(self.cash.values()) if isinstance(self.cash, Mapping) else [self.cash]
        if any(not amount.is_finite() or amount < 0 for amount in amounts) or not any(amounts):
            raise BadInput(
                f"The cash is {', '.join(map(str, amounts)) or 'nothing'}; an account begins with "
                "more than 0 of a currency, and with less than 0 of none."
            )

    @property
    def arguments(self) -> "Arguments":
        """The terms as `Engine` and `backtest` take them."""
        return {
            "cash": self.cash,
            "currency": self.currency,
            "costs": self.costs,
            "limits": self.limits,
            "margin": self.margin,
            "rules": self.rules,
        }

    @property
    def words(self) -> dict[str, Any]:
        """The terms as names and exact texts, as a terms file says them."""
        costs = models_of(self.costs)
        words: dict[str, Any] = {"cash": _cash(self.cash)}
        if self.currency is not None:
            words["currency"] = self.currency
        words["fees"] = _model(costs.fee, FEES)
        words["slippage"] = _model(costs.slippage, SLIPPAGES)
        words["margin"] = _model(self.margin, MARGINS)
        words["limits"] = _table(self.limits)
        words["rules"] = _table(self.rules)
        if own := _of(costs, self.margin):
            words["of"] = own
        return words


class Arguments(TypedDict):
    """The terms by the names of their arguments."""

    cash: Cash
    currency: str | None
    costs: Costs | CostModels
    limits: Limits
    margin: Margin
    rules: Rules


USUAL_TERMS = Terms()


def written_time(nanoseconds: int) -> str:
    """Return a time in the largest unit that counts it exactly: 150000000 is 150ms."""
    for unit, size in UNITS.items():
        if nanoseconds and nanoseconds % size == 0:
            return f"{nanoseconds // size}{unit}"
    return "0ns"


def _cash(cash: Cash) -> Any:
    if isinstance(cash, Mapping):
        return {currency: format(amount, "f") for currency, amount in cash.items()}
    return format(cash, "f")


def _of(costs: CostModels, margin: Margin) -> dict[str, dict[str, Any]]:
    """Return what single instruments have of their own."""
    own: dict[str, dict[str, Any]] = {
        id_: {"fees": _model(one.fee, FEES), "slippage": _model(one.slippage, SLIPPAGES)}
        for id_, one in costs.of.items()
    }
    if isinstance(margin, Leverage):
        for id_, one in margin.of.items():
            own.setdefault(id_, {})["margin"] = _model(one, MARGINS)
    return own


def _model(model: Any, names: Mapping[str, type]) -> dict[str, Any]:
    name = next(name for name, kind in names.items() if kind is type(model))
    return {"model": name, **_table(model)}


def _table(values: Any) -> dict[str, Any]:
    """Return a value's fields; what is None is left out."""
    kind: type = type(values)
    return {
        name: _word(name, value)
        for name in _names(kind)
        if (value := getattr(values, name)) is not None
    }


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "of")


def _word(name: str, value: Any) -> Any:
    if name in TIMES:
        return written_time(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, FillTime):
        return value.name.lower()
    if isinstance(value, tuple):
        return [_table(one) for one in value]
    if callable(value):
        return _function(value)
    return value


def _function(function: Any) -> str:
    """Return where a function can be found again: its file and its name."""
    plain = getattr(function, "py_func", function)  # of one that Numba compiled
    code = getattr(plain, "__code__", None)
    return f"{code.co_filename}:{plain.__name__}" if code else repr(function)
