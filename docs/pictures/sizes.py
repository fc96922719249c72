"""The pictures of how long an order works, and how much there is to take."""

from collections.abc import Iterator
from decimal import Decimal

from barque.domain.costs import CostModels, Spread
from barque.domain.rules import Rules
from barque.strategies import FOK, IOC, Strategy
from docs.pictures.charts import Panel, of_stories
from docs.pictures.market import CALM, FIRST, HOUR, Bar, Night, Part, Quote, QuoteBar
from docs.pictures.stories import buy, tell

Pictures = Iterator[tuple[str, str]]


def pictures() -> Pictures:
    """Yield name and SVG of every picture."""
    yield from _times_in_force()
    yield from _sizes()


def _times_in_force() -> Pictures:
    def for_a_time(strategy: Strategy) -> None:
        strategy.buy(0, 10, limit=99.0, day=True)
        strategy.buy(0, 10, limit=98.5, expires=FIRST + 2 * HOUR)
        strategy.buy(0, 10, limit=98.0)

    yield "time-in-force", of_stories(
        "How long an order works",
        "Order 1 ends with its session, order 2 at 12:00, order 3 stays until it is filled. An "
        "order whose time ends within a bar takes no part in that bar's inside.",
        Panel(
            tell(
                [CALM, Bar(100.5, 101, 99.6, 100), Bar(100, 100.6, 99.4, 100, ends_session=True),
                 Night(21), Bar(99.5, 100, 97.6, 98.4)],
                {0: for_a_time},
            )
        ),
    )  # fmt: skip
    thin = [Bar(100, 101, 99, 100.5, 80), Bar(100.2, 101, 99.6, 100.6, 60),
            Bar(100.6, 101.4, 100, 101, 120)]  # fmt: skip
    tenth = Rules(participation=Decimal("0.1"))
    yield (
        "immediate",
        of_stories(
            "Now or never",
            "A tenth of the volume may be taken, six of the next bar. IOC takes what there is at "
            "the first price and cancels the rest; FOK takes all or nothing.",
            Panel(tell(thin, {0: buy(tif=IOC)}, rules=tenth), "tif=IOC", shows_volume=True),
            Panel(tell(thin, {0: buy(tif=FOK)}, rules=tenth), "tif=FOK", shows_volume=True),
            height=220,
        ),
    )


def _sizes() -> Pictures:
    bars = [Bar(100, 101, 99, 100.5, 60), Bar(100.2, 101, 99.6, 100.6, 40),
            Bar(100.6, 101.4, 100, 101, 30), Bar(101, 102, 100.6, 101.6, 50)]  # fmt: skip
    yield (
        "participation",
        of_stories(
            "No more than a share of the volume",
            "With participation = 0.1 all orders of an instrument together take at most a tenth of "
            "each bar's volume, in whole lots, oldest first. The rest goes on to the next bars.",
            Panel(
                tell(bars, {0: buy()}, rules=Rules(participation=Decimal("0.1"))),
                shows_volume=True,
            ),
            height=230,
        ),
    )

    sides = [
        QuoteBar(Bar(99.8, 100.6, 99.2, 100.2), Bar(100.4, 101.2, 99.8, 100.8)),
        QuoteBar(Bar(100.4, 101.3, 100, 100.9), Bar(101, 101.9, 100.6, 101.5)),
        QuoteBar(Bar(100.9, 101.8, 100.5, 101.4), Bar(101.5, 102.4, 101.1, 102)),
    ]
    yield (
        "bid-ask-bars",
        of_stories(
            "With bid and ask bars, buys meet the ask and sells the bid",
            "The purchase pays the open of the ask. The target of 101.50 is reached by the ask "
            "in the second bar already, but fills only when the bid gets there.",
            Panel(tell(sides, {0: buy(), 1: lambda s: s.sell(0, 10, limit=101.5)})),
            height=220,
        ),
    )
    quotes = [Quote(99.9, 100.1, 20, 20), Quote(99.9, 100.1, 15, 6), Quote(100.0, 100.2, 30, 3),
              Quote(100.1, 100.3, 20, 40), Quote(100.1, 100.3, 20, 40)]  # fmt: skip
    yield (
        "quotes",
        of_stories(
            "With quotes, the quoted size limits",
            "Ten are wanted. Six are offered, then three more, then enough: the order goes "
            "through the quotes until it is whole, and pays each one's ask.",
            Panel(tell(quotes, {0: buy()})),
            height=210,
        ),
    )
    beside: list[Part] = [Quote(99.7, 100.3, 50, 50), CALM, Bar(101, 101.8, 100.4, 101.4)]
    yield (
        "half-spread",
        of_stories(
            "Bars of trades beside quotes: half of the spread",
            "The slippage model Spread moves a taker's price by half of the last quoted spread: "
            "the open is 101, the spread was 0.60, and 101.30 is paid.",
            Panel(tell(beside, {1: buy()}, costs=CostModels(slippage=Spread()))),
        ),
    )
