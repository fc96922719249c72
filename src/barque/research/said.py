"""Costs, margin and limits of a run in sentences, said from the very numbers it ran with."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import numpy as np

from barque.domain.costs import FeeModel, SlippageModel
from barque.domain.instruments import Instrument, cash
from barque.domain.margin import MarginModel
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.terms import written_time
from barque.risk.limits import NO_BOUND, WIDEST_BAND, WIDEST_NOTIONAL, WIDEST_POSITION

Say = Callable[[IntArray, Instrument], str]


def at_what_cost(
    account: IntArray, rules: IntArray, instruments: Sequence[Instrument], currency: str
) -> Iterator[str]:
    """Say what fills pay and what orders lose to the price, instrument by instrument."""

    def fee(row: IntArray, instrument: Instrument) -> str:
        return _fee(account, row, instrument, currency)

    yield from _by_instrument(rules, instruments, "A fill pays", fee)
    yield from _by_instrument(rules, instruments, "Market and stop orders lose", _slippage)


def of_margin(
    account: IntArray, rules: IntArray, instruments: Sequence[Instrument]
) -> Iterator[str]:
    """Say what may be borrowed."""
    match account[at.MARGIN_MODEL]:
        case MarginModel.NONE:
            yield "Cash may go below zero: no margin is asked for, and nothing is closed out."
        case MarginModel.CASH:
            yield "Nothing is borrowed: a purchase beyond the cash and a short sale are refused."
        case _:
            yield (
                "An order that initial margin does not cover is refused; below maintenance margin "
                "the account is closed out."
            )
            yield from _by_instrument(rules, instruments, "Margin is", _margin)


def within_limits(
    account: IntArray, rules: IntArray, instruments: Sequence[Instrument], currency: str
) -> Iterator[str]:
    """Say what the account may not do, and what halts it."""
    own = list(_limits(account, currency))
    single = {_limits_of(*pair) for pair in zip(rules, instruments, strict=True)} - {""}
    halts = [
        f"{_percent(account[column])} {of_what}"
        for column, of_what in HALTS.items()
        if account[column] != NO_BOUND
    ]
    if not own and not single and not halts:
        yield "No limits are set: only the engine's number range binds."
    if single:
        yield from _by_instrument(rules, instruments, "Limits of an order are", _limits_of)
    if own:
        yield f"Limits of the account are {', '.join(own)}."
    if halts:
        yield f"A loss of more than {' or '.join(halts)} halts the account."


HALTS = {
    at.MAX_DAY_LOSS: "of the equity that the day began with",
    at.MAX_DRAWDOWN: "of the highest equity",
}


def some(names: Sequence[str], most: int = 4) -> str:
    """Return names, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _by_instrument(
    rules: IntArray, instruments: Sequence[Instrument], begin: str, say: Say
) -> Iterator[str]:
    """Say of all instruments what is true of all, else of each group what is true of it."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row, instrument in zip(rules, instruments, strict=True):
        groups[say(row, instrument)].append(instrument.id)
    for words, names in groups.items():
        whose = "" if len(groups) == 1 else f"{some(names)}: "
        yield f"{whose}{begin} {words or 'none'}."


def _fee(account: IntArray, row: IntArray, instrument: Instrument, currency: str) -> str:
    each = f"{_money(row[at.FEE_PER_UNIT], instrument.currency)} a unit"
    match row[at.FEE_MODEL]:
        case FeeModel.PER_SHARE:
            words = each
            if row[at.FEE_MINIMUM]:
                words += f", at least {_money(row[at.FEE_MINIMUM], instrument.currency)}"
            if row[at.FEE_MAXIMUM]:
                words += f", at most {_percent(row[at.FEE_MAXIMUM])} of its notional"
            return words
        case FeeModel.MAKER_TAKER | FeeModel.TIERED:
            words = (
                f"{_percent(row[at.MAKER_RATE])} of its notional when it made liquidity and "
                f"{_percent(row[at.FEE_RATE])} when it took it"
            )
            return words + _tiers(account, row[at.FEE_TIERS], currency)
        case FeeModel.OWN:
            return "what a function of your own says"
    parts = []
    if row[at.FEE_RATE]:
        parts.append(f"{_percent(row[at.FEE_RATE])} of its notional")
    if row[at.FEE_PER_UNIT]:
        parts.append(each)
    return " and ".join(parts) or "no fee"


def _tiers(account: IntArray, first: int, currency: str) -> str:
    """Return what those pay who traded more in 30 days; `first` is where their table begins."""
    if not first:
        return ""
    table = account[first + 1 : first + 1 + 3 * account[first]].reshape(-1, 3)
    return "".join(
        f"; from a 30-day volume of {_money(volume, currency)} on {_percent(maker)} and "
        f"{_percent(taker)}"
        for volume, maker, taker in table
    )


def _slippage(row: IntArray, instrument: Instrument) -> str:
    factor = f"{_rate(row[at.SLIPPAGE_FACTOR]):f}"
    match row[at.SLIPPAGE_MODEL]:
        case SlippageModel.TICKS:
            ticks = int(row[at.SLIPPAGE_TICKS])
            return f"{ticks} tick{'s' * (ticks != 1)} to the price"
        case SlippageModel.SPREAD:
            return "half of the last quoted spread to the price"
        case SlippageModel.VOLUME_SHARE:
            return f"{factor} of the price times the square of their share of the volume"
        case SlippageModel.SQUARE_ROOT:
            return f"{factor} of the price times the square root of their share of the volume"
        case SlippageModel.OWN:
            return "to the price what a function of your own says"
    if not row[at.SLIPPAGE_RATE]:
        return "nothing to the price"
    return f"{_rate(row[at.SLIPPAGE_RATE] * 10_000):f} basis points to the price"


def _margin(row: IntArray, instrument: Instrument) -> str:
    initial, long, short = (
        _percent(row[column])
        for column in (at.INITIAL_RATE, at.MAINTENANCE_RATE, at.SHORT_MAINTENANCE)
    )
    kept = long if long == short else f"{long} (short {short})"
    return f"{initial} of a position's notional to open it and {kept} to keep it"


def _limits_of(row: IntArray, instrument: Instrument) -> str:
    said = []
    if row[at.MAX_POSITION] != WIDEST_POSITION:
        position = _plain(instrument.quantity(int(row[at.MAX_POSITION])))
        said.append(f"a position of {position} units, long or short")
    if row[at.MAX_NOTIONAL] != WIDEST_NOTIONAL:
        said.append(f"a value of {_money(row[at.MAX_NOTIONAL], instrument.currency)}")
    if row[at.PRICE_BAND] != WIDEST_BAND:
        said.append(f"a price within {_percent(row[at.PRICE_BAND])} of the last")
    return ", ".join(said)


def _limits(account: IntArray, currency: str) -> Iterator[str]:
    if account[at.MAX_GROSS] != NO_BOUND:
        yield f"gross exposure {_money(account[at.MAX_GROSS], currency)}"
    if account[at.MAX_NET] != NO_BOUND:
        yield f"net exposure {_money(account[at.MAX_NET], currency)}"
    if account[at.MAX_LEVERAGE] != NO_BOUND:
        yield f"leverage {_rate(account[at.MAX_LEVERAGE]):f}"
    if account[at.MAX_CONCENTRATION] != NO_BOUND:
        yield f"{_percent(account[at.MAX_CONCENTRATION])} of the equity in one instrument"
    if account[at.MAX_ORDERS] != NO_BOUND:
        window = written_time(int(account[at.ORDER_WINDOW]))
        yield f"{account[at.MAX_ORDERS]} orders in {window}"


def _money(units: np.int64, currency: str) -> str:
    return f"{_plain(cash(int(units), currency))} {currency}"


def _percent(rate: np.int64) -> str:
    return f"{_rate(rate * 100):f} %"


def _rate(rate: np.int64) -> Decimal:
    """Return a rate of 10^-12 as a number without zeros at its end."""
    return Decimal(int(rate)).scaleb(-12).normalize()


def _plain(number: Decimal) -> str:
    whole = number == number.to_integral_value()
    return f"{number.to_integral_value() if whole else number.normalize():,f}"
