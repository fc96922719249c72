"""The terms of a run as options: a file of them, and the common ones beside it.

A command that takes them has one parameter `terms: TermOptions`; `with_terms` gives it an option
for each of their fields.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from barque.cli.values import decimal

TERMS, COSTS, ORDERS, LIMITS = "Terms", "Costs", "Orders", "Limits"
"""The groups in which --help shows them."""


LIMIT_OPTIONS = {
    "position": "--max-position",
    "notional": "--max-notional",
    "price_band": "--price-band",
    "gross": "--max-gross",
    "net": "--max-net",
    "leverage": "--max-leverage",
    "concentration": "--max-concentration",
    "orders": "--max-orders",
    "daily_loss": "--max-daily-loss",
    "drawdown": "--max-drawdown",
}
"""Limits by their names in a terms file."""


def _option(group: str, name: str, metavar: str, about: str) -> Any:
    return typer.Option(name, metavar=metavar, help=about, rich_help_panel=group)


def _limit(name: str, metavar: str, about: str) -> Any:
    return _option(LIMITS, LIMIT_OPTIONS[name], metavar, about)


@dataclass(frozen=True, kw_only=True)
class TermOptions:
    """What was typed of the terms; each option overrides the file."""

    file: Annotated[
        Path | None,
        _option(TERMS, "--terms", "FILE", "All terms in a TOML file; see the guide."),
    ] = None
    cash: Annotated[
        str | None,
        _option(TERMS, "--cash", "AMOUNT", "What the account begins with; 1000000 if not said."),
    ] = None
    currency: Annotated[
        str | None,
        _option(TERMS, "--currency", "NAME", "The account's own, as USD; else the instruments'."),
    ] = None
    margin: Annotated[
        str | None,
        _option(TERMS, "--margin", "HOW", "unlimited, cash, reg-t, or a leverage such as 5."),
    ] = None
    fee: Annotated[
        str | None, _option(COSTS, "--fee", "FRACTION", "Fee, a part of notional; 0.001 is 10 bp.")
    ] = None
    fee_per_unit: Annotated[
        str | None, _option(COSTS, "--fee-per-unit", "AMOUNT", "Fee for one share or coin.")
    ] = None
    slippage: Annotated[
        str | None,
        _option(COSTS, "--slippage", "FRACTION", "What market and stop orders lose to the price."),
    ] = None
    fill_time: Annotated[
        str | None,
        _option(ORDERS, "--fill-time", "WHEN", "next-open, same-close or next-quote."),
    ] = None
    latency: Annotated[
        str | None,
        _option(ORDERS, "--latency", "TIME", "How long an order takes to arrive, as 150ms."),
    ] = None
    participation: Annotated[
        str | None,
        _option(ORDERS, "--participation", "FRACTION", "Largest share of a volume that fills."),
    ] = None
    position: Annotated[
        str | None, _limit("position", "QUANTITY", "Largest holding, long or short.")
    ] = None
    notional: Annotated[str | None, _limit("notional", "AMOUNT", "Largest value of one order.")] = (
        None
    )
    price_band: Annotated[
        str | None,
        _limit("price_band", "FRACTION", "Largest distance of an order from the last price."),
    ] = None
    gross: Annotated[str | None, _limit("gross", "AMOUNT", "Largest sum of all exposures.")] = None
    net: Annotated[str | None, _limit("net", "AMOUNT", "Largest exposure, long less short.")] = None
    leverage: Annotated[
        str | None, _limit("leverage", "NUMBER", "Largest gross exposure over equity.")
    ] = None
    concentration: Annotated[
        str | None,
        _limit("concentration", "FRACTION", "Largest share of one instrument in equity."),
    ] = None
    orders: Annotated[
        str | None, _limit("orders", "N", "Most orders in a second, or in the file's window.")
    ] = None
    daily_loss: Annotated[
        str | None, _limit("daily_loss", "FRACTION", "Loss of a day that halts the account.")
    ] = None
    drawdown: Annotated[
        str | None, _limit("drawdown", "FRACTION", "Fall from the peak that halts it.")
    ] = None

    def words(self) -> dict[str, Any]:
        """Return the terms in words: those of the file, overridden by what was typed."""
        from barque.bootstrap.terms import asked_terms

        return asked_terms(self.file, dict(self._said()))

    def _said(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what each option says."""
        said = [*_fees(self.fee, self.fee_per_unit)]
        if self.cash is not None:
            said.append(("--cash", {"cash": decimal("--cash", self.cash)}))
        if self.currency is not None:
            said.append(("--currency", {"currency": self.currency}))
        if self.margin is not None:
            said.append(("--margin", {"margin": _margin(self.margin)}))
        if self.slippage is not None:
            points = decimal("--slippage", self.slippage).scaleb(4)
            said.append(("--slippage", {"slippage": {"model": "basis_points", "points": points}}))
        if self.fill_time is not None:
            when = self.fill_time.replace("-", "_")
            said.append(("--fill-time", {"rules": {"fill_time": when}}))
        if self.latency is not None:
            said.append(("--latency", {"rules": {"latency": self.latency}}))
        if self.participation is not None:
            share = decimal("--participation", self.participation)
            said.append(("--participation", {"rules": {"participation": share}}))
        return said + self._limits()

    def _limits(self) -> list[tuple[str, dict[str, Any]]]:
        typed = {name: getattr(self, name) for name in LIMIT_OPTIONS}
        return [
            (LIMIT_OPTIONS[name], {"limits": {name: decimal(LIMIT_OPTIONS[name], text)}})
            for name, text in typed.items()
            if text is not None
        ]


def with_terms(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with the parameter `terms` an option for each of the terms."""
    own = inspect.signature(command, eval_str=True).parameters
    hints = get_type_hints(TermOptions, include_extras=True)
    names = [field.name for field in fields(TermOptions)]
    more = [
        inspect.Parameter(
            f"terms_{field.name}",
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(TermOptions)
    ]

    @wraps(command)
    def run(**given: Any) -> None:
        typed = {name: given.pop(f"terms_{name}") for name in names}
        command(**given, terms=TermOptions(**typed))

    kept = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in own.items()
        if name != "terms"
    ]
    run.__signature__ = inspect.Signature([*kept, *more])  # type: ignore[attr-defined]  # Typer reads it
    run.__annotations__ = {one.name: one.annotation for one in (*kept, *more)}
    return run


def _fees(fee: str | None, each: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Both options together are one model."""
    words: dict[str, Any] = {"model": "percentage", "rate": 0}
    if fee is not None:
        words["rate"] = decimal("--fee", fee)
    if each is not None:
        words["each"] = decimal("--fee-per-unit", each)
    if len(words) == 2 and fee is None:
        return []
    return [("--fee" if each is None else "--fee-per-unit", {"fees": words})]


def _margin(text: str) -> dict[str, Any]:
    name = text.replace("-", "_")
    if name in ("unlimited", "cash", "reg_t"):
        return {"model": name}
    if name.isalpha():
        return {"model": text}  # which is refused with what there is
    return {"model": "leverage", "leverage": decimal("--margin", text)}
