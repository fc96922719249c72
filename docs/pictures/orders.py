"""The pictures of how single orders meet the market: when, and at what price."""

from collections.abc import Callable, Iterator

from barque.domain.orders import FillTime
from barque.domain.rules import Rules
from barque.strategies import Strategy
from docs.pictures.charts import Panel, of_stories
from docs.pictures.market import CALM, MINUTE, Bar, Night, Part, Quote
from docs.pictures.stories import buy, tell

Pictures = Iterator[tuple[str, str]]


def pictures() -> Pictures:
    """Yield name and SVG of every picture."""
    yield from _fill_times()
    yield from _limits()
    yield from _stops()
    yield from _auctions()


def _fill_times() -> Pictures:
    market = [CALM, Bar(101.5, 103, 101, 102.5), Bar(102, 102.5, 100.5, 101)]
    yield (
        "market-next-open",
        of_stories(
            "A market order fills at the next open",
            "Decided at the close of 100.50, filled at the open of the next bar: a bar's close "
            "is known only when nobody can trade at it any more.",
            Panel(tell(market, {0: buy()})),
        ),
    )
    yield (
        "market-same-close",
        of_stories(
            "If the run says so, it fills at the close it was decided at",
            'fill_time = "same_close" is optimistic: it takes a price that has just passed.',
            Panel(tell(market, {0: buy()}, rules=Rules(fill_time=FillTime.SAME_CLOSE))),
        ),
    )
    quotes: list[Part] = [Quote(100.2, 100.8, 50, 50), CALM, Bar(101.5, 103, 101, 102.5),
              Quote(102.2, 102.8, 50, 50), Quote(102.0, 102.6, 50, 50)]  # fmt: skip
    yield (
        "market-next-quote",
        of_stories(
            "Or it waits for the next quote",
            'fill_time = "next_quote", where quotes and bars of trades are both told: the open '
            "at 12:00 is passed by, the ask of the next quote is paid.",
            Panel(tell(quotes, {1: buy()}, rules=Rules(fill_time=FillTime.NEXT_QUOTE))),
        ),
    )
    yield (
        "latency",
        of_stories(
            "An order meets only what begins after it arrived",
            "Half an hour passes between decision and arrival: the bar that has begun meanwhile "
            "is missed whole, the order meets the next one.",
            Panel(tell(market, {0: buy()}, rules=Rules(latency=30 * MINUTE))),
        ),
    )


def _limits() -> Pictures:
    yield (
        "limit-inside",
        of_stories(
            "A limit order fills at its price",
            "The market falls through 99 inside the second bar. A limit never slips.",
            Panel(tell([CALM, Bar(100.5, 101, 98.4, 100), CALM], {0: buy(limit=99.0)})),
        ),
    )
    yield (
        "limit-gap",
        of_stories(
            "A limit order gets the open where that is better",
            "The market opens below the limit: who was ready to pay 99 pays 97.50.",
            Panel(tell([CALM, Bar(97.5, 98.6, 97, 98.4), CALM], {0: buy(limit=99.0)})),
        ),
    )
    touched = [CALM, Bar(100.5, 101, 99, 100), Bar(100, 100.6, 98.9, 99.8)]
    yield (
        "limit-touched",
        of_stories(
            "A touch fills, unless the run wants more",
            "The second bar's low is exactly the limit. Nobody knows who stood before you in the "
            "queue: touch_fills = false fills only where the market goes beyond the limit.",
            Panel(tell(touched, {0: buy(limit=99.0)}), "touch_fills = true (default)"),
            Panel(
                tell(touched, {0: buy(limit=99.0)}, rules=Rules(touch_fills=False)),
                "touch_fills = false",
            ),
        ),
    )

    def makers(strategy: Strategy) -> None:
        strategy.buy(0, 10, limit=101.0, post_only=True)
        strategy.buy(0, 10, limit=99.0, post_only=True)

    yield (
        "post-only",
        of_stories(
            "A post-only order is rejected where it would take",
            "At a last price of 100.50, a limit of 101 would fill at once: it is rejected. The "
            "one at 99 rests, and gets its own price even where the market opens better.",
            Panel(tell([CALM, Bar(98, 99.5, 97.5, 99), CALM], {0: makers})),
        ),
    )


def _stops() -> Pictures:
    yield (
        "stop-inside",
        of_stories(
            "A stop fills at its trigger",
            "The market rises through 102 inside the second bar. From there it is a market "
            "order, and pays slippage if the run has some.",
            Panel(tell([CALM, Bar(100.5, 103, 100, 102.6), CALM], {0: buy(stop=102.0)})),
        ),
    )
    yield (
        "stop-gap",
        of_stories(
            "A stop that the market opens beyond fills at the open",
            "A stop bounds no loss: overnight the market went from 100.50 to 95, and there it "
            "fills.",
            Panel(
                tell(
                    [CALM, Bar(100.5, 101, 99.8, 100.5), Bar(95, 96.2, 94.4, 95.8)],
                    {0: _long_with(stop=98.0)},
                )
            ),
        ),
    )
    yield (
        "stop-limit",
        of_stories(
            "A stop-limit becomes a limit order when its trigger is met",
            "At 102 it is triggered. The market stands above the limit of 101 at that very "
            "moment, so the next bar is the first that it meets as a limit order.",
            Panel(
                tell(
                    [CALM, Bar(100.5, 103, 100, 102.6), Bar(102.4, 102.8, 100.6, 101.5)],
                    {0: buy(stop=102.0, limit=101.0)},
                )
            ),
        ),
    )
    rise = [CALM, Bar(100.5, 102, 100, 101.8), Bar(101.8, 104.5, 101.2, 104),
            Bar(104, 106, 103.6, 105.5), Bar(105, 105.4, 102, 102.4)]  # fmt: skip
    yield (
        "trailing-stop",
        of_stories(
            "A trailing stop follows the best price, never back",
            "Each bar first meets the trigger as it was, then moves it to 2.50 below the bar's "
            "high, and then may meet it on the way to the close: the adverse extreme is taken to "
            "come first.",
            Panel(tell(rise, {0: _long_with(trail=2.5)})),
        ),
    )
    yield (
        "trailing-stop-close",
        of_stories(
            "It is met on the way from the best price to the close",
            "The bar rises to 106 and closes at 102.40. Seen from its high the stop stands at "
            "103.50, and the close is below.",
            Panel(tell([CALM, Bar(100.5, 106, 100, 102.4), CALM], {0: _long_with(trail=2.5)})),
        ),
    )
    yield "if-touched", of_stories(
        "An if-touched order waits for a better price",
        "The mirror of a stop. Left it buys at the market once 98.50 is touched; right it "
        "becomes a limit order of 98, which the same bar may have met before: only the next one "
        "fills it.",
        Panel(
            tell([CALM, Bar(100, 100.4, 97.6, 99), Bar(99, 99.4, 97.8, 98.6)],
                 {0: buy(touch=98.5)}),
            "touch=98.5",
        ),
        Panel(
            tell([CALM, Bar(100, 100.4, 97.6, 99), Bar(99, 99.4, 97.8, 98.6)],
                 {0: buy(touch=98.5, limit=98.0)}),
            "touch=98.5, limit=98",
        ),
    )  # fmt: skip


def _long_with(**exit_terms: float) -> Callable[[Strategy], object]:
    """Buy at the market, and sell the same by another order."""

    def ask(strategy: Strategy) -> None:
        entry = strategy.buy(0, 10)
        strategy.sell(0, 10, after=entry, reduce_only=True, **exit_terms)  # type: ignore[arg-type]

    return ask


def _auctions() -> Pictures:
    def both(strategy: Strategy) -> None:
        strategy.buy(0, 10, on_close=True)
        strategy.sell(0, 10, on_open=True)

    yield "auctions", of_stories(
        "On the open and on the close",
        "At 10:00 a purchase at the last price of the session and a sale at the first price of "
        "the next are asked for. What an auction does not fill is canceled.",
        Panel(
            tell(
                [CALM, Bar(100.5, 102, 100, 101.5),
                 Bar(101.5, 102.5, 101, 102, ends_session=True), Night(21),
                 Bar(104, 104.5, 102.8, 103), Bar(103, 103.6, 102.4, 103.2)],
                {0: both},
            )
        ),
    )  # fmt: skip
