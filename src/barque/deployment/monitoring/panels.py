"""Dashboards as values: what each panel shows, in which unit, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """Units, by the names that Grafana knows them by."""

    COUNT = "short"
    PER_SECOND = "ops"
    SECONDS = "s"
    MOMENT = "dateTimeAsIso"
    SHARE = "percentunit"
    BYTES = "bytes"
    MONEY = "currencyUSD"


@dataclass(frozen=True, slots=True)
class Query:
    """One expression of Prometheus, and what its lines are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. A `planned` one asks for meters that no role fills yet."""

    title: str
    unit: Unit
    words: str
    queries: tuple[Query, ...]
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels that answer one person's questions."""

    name: str
    title: str
    words: str
    panels: tuple[Panel, ...]


def panel(title: str, unit: Unit, words: str, *queries: str | tuple[str, str]) -> Panel:
    """Return a panel; a query is an expression, or an expression and a legend."""
    return Panel(title, unit, words, _queries(queries))


def planned(title: str, unit: Unit, words: str, *queries: str | tuple[str, str]) -> Panel:
    """Return a panel that waits for its meters."""
    return Panel(title, unit, words, _queries(queries), planned=True)


def _queries(queries: Sequence[str | tuple[str, str]]) -> tuple[Query, ...]:
    return tuple(Query(one) if isinstance(one, str) else Query(*one) for one in queries)
