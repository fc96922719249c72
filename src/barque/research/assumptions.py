"""What a backtest assumes, said from the very numbers it ran with."""

from collections.abc import Iterator, Sequence

import numpy as np

from barque.domain.instruments import Instrument
from barque.domain.orders import FillTime
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.said import at_what_cost, of_margin, some, within_limits

RATE = 10**12

FILL_TIMES = {
    FillTime.NEXT_OPEN: "A decision at a bar's close meets the market from the next bar's open on.",
    FillTime.SAME_CLOSE: "A market order fills at the very close it was decided at, or at the bid "
    "or ask of that moment: nobody can do that, so read the result beside one that fills at the "
    "next open.",
    FillTime.NEXT_QUOTE: "A decision meets the next quote, or the next bar's open where there are "
    "no quotes.",
}

MARKET_ORDERS = {
    FillTime.NEXT_OPEN: "at the open",
    FillTime.SAME_CLOSE: "at the close",
    FillTime.NEXT_QUOTE: "at the quote, or at the open",
}


def assumptions(
    account: IntArray, rules: IntArray, instruments: Sequence[Instrument], currency: str
) -> tuple[str, ...]:
    """Return what a run takes for granted, in sentences.

    `account` (ACCOUNT_WIDTH and more) and `rules` (instruments, INSTRUMENT_WIDTH) are the state
    that the run ended with; `currency` is the account's own.
    """
    return (
        *_when(account),
        *_at_what_price(account),
        *_how_much(rules, instruments),
        *at_what_cost(account, rules, instruments, currency),
        *_on_whose_money(account, rules, instruments, currency),
        *within_limits(account, rules, instruments, currency),
    )


def _when(account: IntArray) -> Iterator[str]:
    yield FILL_TIMES[FillTime(int(account[at.FILL_TIME]))]
    if latency := int(account[at.LATENCY]):
        yield f"An order reaches the venue {latency / 10**6:,g} ms after it was decided."
    else:
        yield "An order reaches the venue the moment it was decided."


def _at_what_price(account: IntArray) -> Iterator[str]:
    market = MARKET_ORDERS[FillTime(int(account[at.FILL_TIME]))]
    yield f"A market order fills {market}, a stop at its trigger or at an open beyond; both slip."
    if account[at.TOUCH_FILLS]:
        yield "A limit fills at its price when the bar touches it, or at a better open."
    else:
        yield "A limit fills at its price when the bar goes beyond it, or at a better open."
    if account[at.STOP_FIRST]:
        yield "Of a stop and a target inside one bar, the stop is met first."
    else:
        yield "Of a stop and a target inside one bar, the older order is met first."


def _how_much(rules: IntArray, instruments: Sequence[Instrument]) -> Iterator[str]:
    shares = rules[:, at.PARTICIPATION] / RATE
    if not shares.any():
        yield "An order fills whole, whatever the volume of a bar or trade; of a quote, its size."
        return
    for share in np.unique(shares):
        names = [one.id for one, its in zip(instruments, shares, strict=True) if its == share]
        limit = (
            f"at most {100 * share:.4g} % of the volume" if share else "without regard to volume"
        )
        yield f"Orders of {some(names)} fill {limit}."


def _on_whose_money(
    account: IntArray, rules: IntArray, instruments: Sequence[Instrument], currency: str
) -> Iterator[str]:
    margined = [one.id for one, row in zip(instruments, rules, strict=True) if row[at.MARGINED]]
    if margined:
        yield f"Of {some(margined)}, only profit and loss are settled in cash."
    yield from of_margin(account, rules, instruments)
    yield "Interest, borrowing and funding are charged where the data hold their rates."
    if account[at.CURRENCIES] > 1:
        yield (
            f"The account counts in {currency}. Other currencies are counted at the last rate; "
            "cash is not exchanged by itself."
        )
