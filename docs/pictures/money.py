"""The pictures of what else moves an account: margin, limits, dividends, splits, funding."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from barque.domain.events import EventKind
from barque.domain.instruments import InstrumentKind
from barque.domain.margin import Leverage
from barque.kernels import layout as at
from barque.risk.limits import Limits
from barque.strategies import Strategy
from docs.pictures.charts import Line, Panel, of_stories
from docs.pictures.market import ACME, Bar, Happening, Night, Part, Together
from docs.pictures.stories import Story, tell

CASH_UNIT = 10**8
BETA = replace(ACME, id="BETA.SIM")
PERPETUAL = replace(ACME, id="PERP.SIM", kind=InstrumentKind.PERPETUAL)


def pictures() -> Iterator[tuple[str, str]]:
    """Yield name and SVG of every picture."""
    yield "margin-call", _margin_call()
    yield "loss-limits", _loss_limits()
    yield "dividend", _dividend()
    yield "split", _split()
    yield "funding", _funding()


def _line(story: Story, name: str, kind: str, column: int) -> Line:
    return Line(name, kind, story.accounts[:, column] / CASH_UNIT)


def _equity(story: Story) -> tuple[Line, ...]:
    return (_line(story, "equity", "third", at.EQUITY),)


def _margin_call() -> str:
    def borrow(strategy: Strategy) -> None:
        strategy.buy(0, 300)
        strategy.buy(1, 150)

    prices = [(100, 100), (100, 100), (94, 97), (87, 94), (86, 93), (88, 94), (89, 95)]
    market: list[Part] = [
        Together(tuple(
            Bar(before, max(before, after), min(before, after), after, instrument=i)
            for i, (before, after) in enumerate(zip(two[0], two[1], strict=True))
        ))
        for two in zip([prices[0], *prices], prices, strict=False)
    ]  # fmt: skip
    story = tell(
        market, {0: borrow}, instruments=(ACME, BETA), cash=15_000,
        margin=Leverage(initial=Decimal("0.3"), maintenance=Decimal("0.25")),
    )  # fmt: skip
    lines = (
        _line(story, "equity", "third", at.EQUITY),
        _line(story, "maintenance", "sell", at.MAINTENANCE_MARGIN),
    )
    return of_stories(
        "Below the maintenance margin, positions are closed out",
        "300 of one share and 150 of another for 45,000, with 15,000 of one's own. When equity "
        "falls below a quarter of what is held, the largest position is sold at the next open; "
        "the other is covered and stays.",
        Panel(story, shows_market=False, lines=lines),
        height=220,
    )


def _loss_limits() -> str:
    def again(strategy: Strategy) -> None:
        strategy.buy(0, 50)

    market: list[Part] = [
        Bar(100, 101, 99, 100), Bar(100, 100.6, 97.6, 98), Bar(98, 98.4, 94.6, 95),
        Bar(95, 95.8, 94, 95.4), Night(20), Bar(96, 97, 95.6, 96.6), Bar(96.6, 97.6, 96.2, 97.4),
    ]  # fmt: skip
    story = tell(
        market, {0: lambda s: s.buy(0, 400), 2: again, 4: again}, cash=100_000,
        limits=Limits(daily_loss=Decimal("0.015")),
    )  # fmt: skip
    return of_stories(
        "A limit on the loss of a day halts the account",
        "daily_loss = 0.015 of the equity with which the UTC day began: the bar that ends below "
        "it halts the account. It opens nothing more until the first slice of another day has "
        "ended.",
        Panel(story, lines=_equity(story)),
        height=290,
    )


def _dividend() -> str:
    market: list[Part] = [Bar(100, 101, 99.4, 100), Bar(100, 101, 99.6, 100.4),
              Happening(EventKind.DIVIDEND, ((at.DIVIDEND_AMOUNT, 2 * CASH_UNIT),)),
              Bar(98.4, 99, 97.8, 98.4), Bar(98.4, 99.4, 98, 98.8)]  # fmt: skip
    story = tell(market, {0: lambda s: s.buy(0, 100)}, cash=20_000)
    return of_stories(
        "A dividend is paid to who holds at the open of the ex-date",
        "The cash rises by 200, and the position counts 2 less a share until the market shows what "
        "the share is worth without it: nothing is won by the payment. A short position pays it.",
        Panel(story, lines=_equity(story)),
        height=260,
    )


def _split() -> str:
    market: list[Part] = [Bar(99, 101, 97.4, 99), Bar(99, 100.5, 97.6, 99),
              Happening(EventKind.SPLIT, ((at.SPLIT_NEW, 3), (at.SPLIT_OLD, 2))),
              Bar(66, 67.6, 64.4, 66), Bar(66, 68, 64.8, 66)]  # fmt: skip

    def hold_with_stop(strategy: Strategy) -> None:
        entry = strategy.buy(0, 101)
        strategy.sell(0, 101, stop=90.0, after=entry, reduce_only=True)

    story = tell(market, {0: hold_with_stop}, cash=20_000)
    return of_stories(
        "A split changes quantity, price and working orders",
        "3 new shares for 2 old ones: 101 become 151, and half a share is paid in cash at the "
        "last price. The stop of 90 becomes one of 60. Nothing is won or lost.",
        Panel(story, lines=_equity(story)),
        height=270,
    )


def _funding() -> str:
    bars = [Bar(100, 100.4, 99.7, 100), Bar(100, 100.3, 99.6, 100), Bar(100, 100.4, 99.8, 100),
            Bar(100, 100.2, 99.7, 100), Bar(100, 100.3, 99.8, 100)]  # fmt: skip
    rates = [None, None, 10**8 * 1, 10**8 * 3, -(10**8)]
    market: list[Part] = []
    for bar, rate in zip(bars, rates, strict=True):
        if rate is not None:
            columns = ((at.FUNDING_RATE, rate), (at.FUNDING_MARK, 0))
            market.append(Happening(EventKind.FUNDING, columns))
        market.append(bar)
    story = tell(market, {0: lambda s: s.buy(0, 1_000)}, instruments=(PERPETUAL,), cash=20_000)
    return of_stories(
        "Funding moves cash between long and short",
        "A perpetual held long while the rate is 0.01 %, 0.03 % and -0.01 % of its worth: longs "
        "pay a positive rate and receive a negative one. The price stays.",
        Panel(story, lines=_equity(story)),
        height=250,
    )
