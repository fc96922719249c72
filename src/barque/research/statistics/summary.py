"""All statistics of a run, under the names by which they are known in the field."""

from dataclasses import dataclass

from barque.research.round_trips import Book
from barque.research.statistics.curve import DailyCurve
from barque.research.statistics.performance import USUAL, Conventions, Performance, performance
from barque.research.statistics.trading import Trading, trading


@dataclass(frozen=True, kw_only=True)
class Statistics(Performance, Trading):
    """Return, risk and trading of one run; `definitions` says what each number means."""


def statistics(
    curve: DailyCurve | None, book: Book, conventions: Conventions = USUAL
) -> Statistics:
    """Return all that the equity curve and the journal of a run say."""
    return Statistics(**vars(performance(curve, conventions)), **vars(trading(book, curve)))
