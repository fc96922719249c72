"""Words to terms: every key known, every value of its kind, or BadInput says where and what."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from barque.bootstrap.terms.functions import FEE, SLIPPAGE, own_function
from barque.bootstrap.terms.table import Table
from barque.domain.costs import CostModels, OwnFeeFunction, OwnSlippageFunction, Tier
from barque.domain.errors import BadInput
from barque.domain.exact import shown
from barque.domain.margin import REG_T, UNLIMITED, Leverage, Margin, leverage_of
from barque.domain.orders import FillTime
from barque.domain.rules import Rules
from barque.engine.terms import Cash
from barque.research.terms import FEES, MARGINS, SLIPPAGES, TIMES, Terms
from barque.risk.limits import Limits

T = TypeVar("T")

KEYS = ("currency", "cash", "fees", "slippage", "margin", "limits", "rules", "of")
OWN_KEYS = ("fees", "slippage", "margin")


def asked_terms(file: Path | None, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the words of a terms file and of options that override it, checked and complete.

    `options` are words by the option they come from. `limits` and `rules` are overridden one by
    one, anything else whole. Functions are looked for in the file's folder.
    """
    source, folder, words = "the options", Path(), {}
    if file is not None:
        source, folder, words = str(file), file.parent, parsed(_body(file), str(file))
    for option, said in options.items():
        terms_of(said, option)  # so that complaints name it
        words = _overridden(words, said)
    return terms_of(words, source, folder).words


def parsed(body: bytes, source: str) -> dict[str, Any]:
    """Return the tables of a TOML text; its numbers are exact."""
    try:
        return tomllib.loads(body.decode(), parse_float=Decimal)
    except InvalidOperation as error:
        raise BadInput(f"{source} holds a number that nobody can count with.") from error
    except RecursionError as error:
        raise BadInput(f"{source} is nested too deeply to be terms.") from error
    except ValueError as error:
        raise BadInput(f"{source} is no TOML file: {error}.") from error


def terms_of(words: Mapping[str, Any], source: str, folder: Path = Path()) -> Terms:
    """Return the terms that words stand for; `source` is where they come from, for complaints."""
    table = Table(source, (), words)
    table.only(KEYS)
    of = table.table("of") if "of" in words else Table(source, ("of",), {})
    costs = _costs(table, folder, CostModels())
    given: dict[str, Any] = {
        "costs": replace(costs, of=_costs_of(of, folder, costs)),
        "margin": _margin_of(of, _margin(table) if "margin" in words else UNLIMITED),
    }
    if "cash" in words:
        given["cash"] = _cash(table)
    if "currency" in words:
        given["currency"] = _currency(table, table.text("currency"))
    if "limits" in words:
        given["limits"] = _values(Limits, table.table("limits"))
    if "rules" in words:
        given["rules"] = _values(Rules, table.table("rules"))
    with table.said():
        return Terms(**given)


def _body(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInput(f"The terms {file} cannot be read: {why}.") from error


def _overridden(words: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: {**words[key], **said[key]}
        for key in ("limits", "rules")
        if key in said and isinstance(words.get(key), Mapping)
    }
    return {**words, **said, **both}


def _cash(table: Table) -> Cash:
    """An amount, or a table of amounts by currency."""
    if not isinstance(table.values["cash"], Mapping):
        return table.number("cash")
    amounts = table.table("cash")
    return {_currency(amounts, name): amounts.number(name) for name in amounts.values}


def _currency(table: Table, name: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{2,12}", name):
        raise BadInput(f"{table.name()}: {shown(name)} is no currency; write it as USD.")
    return name


def _costs(table: Table, folder: Path, general: CostModels) -> CostModels:
    """Fees and slippage; what is not said is as in general."""
    fee, slippage = general.fee, general.slippage
    if "fees" in table.values:
        fee = _model(FEES, table.table("fees"), folder)
    if "slippage" in table.values:
        slippage = _model(SLIPPAGES, table.table("slippage"), folder)
    return CostModels(fee=fee, slippage=slippage)


def _costs_of(of: Table, folder: Path, general: CostModels) -> dict[str, CostModels]:
    own = _own_tables(of)
    return {
        id_: _costs(table, folder, general)
        for id_, table in own.items()
        if {"fees", "slippage"} & table.values.keys()
    }


def _margin_of(of: Table, general: Margin) -> Margin:
    """Return margin with that of single instruments, which must be rates if theirs are."""
    own = {id_: table for id_, table in _own_tables(of).items() if "margin" in table.values}
    rates: dict[str, Leverage] = {}
    for id_, table in own.items():
        margin = _margin(table)
        if not isinstance(general, Leverage) or not isinstance(margin, Leverage):
            raise BadInput(
                f"{table.name('margin')}: an instrument has margin of its own only where both "
                "it and [margin] are of the model leverage or reg_t."
            )
        rates[id_] = margin
    return replace(general, of=rates) if isinstance(general, Leverage) else general


def _own_tables(of: Table) -> dict[str, Table]:
    for id_ in of.values:
        if "." not in id_:
            raise BadInput(
                f"{of.name(id_)} is no instrument; write its whole id in quotes, as "
                '[of."AAPL.XNAS".fees].'
            )
        of.table(id_).only(OWN_KEYS)
    return {id_: of.table(id_) for id_ in of.values}


def _margin(owner: Table) -> Margin:
    table = owner.table("margin")
    name = table.choice("model", [*MARGINS, "reg_t"])
    if name == "reg_t":
        table.only(["model"])
        return REG_T
    if name == "leverage" and "leverage" in table.values:
        table.only(["model", "leverage"])
        times = table.number("leverage")
        with table.said():
            return leverage_of(times)
    margin: Margin = _model(MARGINS, table)
    return margin


def _model(names: Mapping[str, type], table: Table, folder: Path = Path()) -> Any:
    return _values(names[table.choice("model", names)], table, folder, ("model",))


def _values(kind: type[T], table: Table, folder: Path = Path(), besides: tuple[str, ...] = ()) -> T:
    """Return a value of that kind: the keys of its table are the fields of the kind."""
    known = [field for field in fields(kind) if field.name != "of"]  # type: ignore[arg-type]  # all are dataclasses
    table.only([*besides, *(field.name for field in known)])
    for field in known:
        if field.default is MISSING and field.name not in table.values:
            raise BadInput(f"{table.name(field.name)} is missing; it has to be said.")
    hints = get_type_hints(kind)
    said = [field.name for field in known if field.name in table.values]
    given = {name: _value(table, name, hints[name], folder) for name in said}
    with table.said():
        return kind(**given)


def _value(table: Table, key: str, kind: Any, folder: Path) -> Any:
    """Return one value as the field of that kind takes it."""
    if key in TIMES:
        return table.time(key)
    if kind == tuple[Tier, ...]:
        return tuple(_values(Tier, one) for one in table.tables(key))
    if kind is FillTime:
        return FillTime[table.choice(key, [one.name.lower() for one in FillTime]).upper()]
    if kind in SIGNATURES:
        text = table.text(key)
        with table.said():
            return own_function(text, folder, SIGNATURES[kind])
    return READERS[kind](table, key)


READERS: Mapping[Any, Callable[[Table, str], Any]] = {
    Decimal: Table.number,
    Decimal | None: Table.number,
    int: Table.whole,
    int | None: Table.whole,
    bool: Table.flag,
}
SIGNATURES = {OwnFeeFunction: FEE, OwnSlippageFunction: SLIPPAGE}
