"""The pictures of several orders: in one bar, in groups, and around one position."""

from collections.abc import Iterator

from barque.domain.rules import Rules
from barque.strategies import Strategy
from docs.pictures.charts import Panel, of_stories
from docs.pictures.market import CALM, Bar
from docs.pictures.stories import buy, tell

Pictures = Iterator[tuple[str, str]]


def pictures() -> Pictures:
    """Yield name and SVG of every picture."""
    yield from _inside_a_bar()
    yield from _groups()


def _inside_a_bar() -> Pictures:
    def older_target(strategy: Strategy) -> None:
        entry = strategy.buy(0, 10)
        strategy.sell(0, 10, limit=103.0, reduce_only=True, after=entry, oco=entry)
        strategy.sell(0, 10, stop=98.0, reduce_only=True, after=entry, oco=entry)

    wild = [CALM, Bar(100.5, 101.5, 99.6, 100.8), Bar(100.8, 104, 97, 101)]
    yield (
        "stop-and-target",
        of_stories(
            "Stop and target in one bar: the stop is met first",
            "A bar says how far the market went, not in which order. Barque assumes the loss; "
            "stop_first = false lets the order that was asked for first be met first.",
            Panel(tell(wild, {0: older_target}), "stop_first = true (default)"),
            Panel(
                tell(wild, {0: older_target}, rules=Rules(stop_first=False)), "stop_first = false"
            ),
        ),
    )


def _groups() -> Pictures:
    yield (
        "bracket",
        of_stories(
            "A bracket: an entry, a stop and a target",
            "The entry fills inside the second bar, which also reaches target and stop. What "
            "came after the entry is not known: the stop may have been met, the target waits for "
            "the next bar.",
            Panel(
                tell(
                    [CALM, Bar(100.5, 103, 98.6, 100.5), Bar(100.5, 102.6, 100, 102.4)],
                    {0: lambda s: s.bracket(0, 10, stop=98.0, target=102.0, limit=99.0)},
                ),
                "the stop was not reached",
            ),
            Panel(
                tell(
                    [CALM, Bar(100.5, 103, 97.4, 100.5), Bar(100.5, 102.6, 100, 102.4)],
                    {0: lambda s: s.bracket(0, 10, stop=98.0, target=102.0, limit=99.0)},
                ),
                "the stop was reached",
            ),
        ),
    )

    def straddle(strategy: Strategy) -> None:
        up = strategy.buy(0, 10, stop=102.0)
        strategy.sell(0, 10, stop=98.5, oco=up)

    yield (
        "one-cancels-other",
        of_stories(
            "One cancels the other",
            "Two stops around the market. What one takes is taken from the other; the third bar "
            "would have met the second order, which is gone.",
            Panel(
                tell(
                    [CALM, Bar(100.5, 102.8, 100, 102.4), Bar(102, 102.2, 97.6, 98)], {0: straddle}
                )
            ),
        ),
    )

    def chain(strategy: Strategy) -> None:
        first = strategy.buy(0, 10, limit=99.0)
        strategy.sell(0, 10, limit=101.0, after=first)

    yield (
        "one-triggers-other",
        of_stories(
            "One triggers the other",
            "The sale waits until the purchase is filled whole (dotted), then works. Released "
            "inside a bar, a limit meets the next one.",
            Panel(
                tell([CALM, Bar(100, 100.4, 98.6, 99.6), Bar(99.6, 101.5, 99.4, 101.2)], {0: chain})
            ),
        ),
    )

    def reduce(strategy: Strategy) -> None:
        strategy.sell(0, 6)
        strategy.sell(0, 10, stop=98.5, reduce_only=True)

    yield "reduce-only", of_stories(
        "A reduce-only order shrinks with the position",
        "Four of ten are left when the stop is met: it sells four and never turns the position.",
        Panel(
            tell(
                [CALM, Bar(100.5, 101.2, 100, 101), Bar(101, 101.4, 100.2, 100.4),
                 Bar(100.4, 100.6, 98, 98.4)],
                {0: buy(), 1: reduce},
            )
        ),
    )  # fmt: skip
