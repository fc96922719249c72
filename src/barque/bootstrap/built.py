"""Bars that a run builds while the market is told, in the words of `--build`."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from barque.data.events.aggregation import (
    PIECES,
    BarRule,
    DollarBars,
    RenkoBars,
    TickBars,
    TimeBars,
    VolumeBars,
)
from barque.data.sessions import DAILY, period_length
from barque.domain.errors import BadInput, UnknownName
from barque.domain.exact import exact

OPTION = "--build"


def bar_rules(words: Collection[str], market: Collection[str]) -> list[BarRule]:
    """Return the rules that words such as 1h, ticks:500 or renko:0.5 stand for. BadInput.

    Bars are built of the finest that the run is told of: trades, else quotes, else bars.
    """
    if not words:
        return []
    pieces = next((kind for kind in PIECES if kind in market), None)
    if pieces is None:
        raise BadInput(
            f"{OPTION} builds bars of trades, quotes or bars, and the run is told "
            f"{' and '.join(market)} only. Add --market trade, quote or bar."
        )
    return [_rule(word, pieces) for word in words]


def _rule(word: str, pieces: str) -> BarRule:
    name, colon, size = word.partition(":")
    if not colon:
        if word != DAILY:
            period_length(word)  # an unknown period is said at once
        return TimeBars(word, of=pieces)
    if name not in SIZED:
        raise UnknownName("way to build bars", name, SIZED, "barque backtest run --help")
    amount = exact(OPTION, size)
    if amount <= 0:
        raise BadInput(f"{OPTION} is {word!r}; the size of a bar must be above 0.")
    return SIZED[name](amount, pieces)


def _ticks(count: Decimal, pieces: str) -> BarRule:
    if count != count.to_integral_value():
        raise BadInput(f"{OPTION} is 'ticks:{count}'; a whole number of ticks is required.")
    return TickBars(int(count), of=pieces)


SIZED: Mapping[str, Callable[[Decimal, str], BarRule]] = {
    "ticks": _ticks,
    "volume": lambda quantity, pieces: VolumeBars(quantity, of=pieces),
    "value": lambda amount, pieces: DollarBars(amount, of=pieces),
    "renko": lambda size, pieces: RenkoBars(size, of=pieces),
}
"""What a bar of a size is built by."""
