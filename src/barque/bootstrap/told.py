"""Whether a strategy would be told anything by the market that was asked for."""

from collections.abc import Collection

from barque.domain.errors import BadInput
from barque.strategies import Strategy
from barque.strategies.strategy import has_hook

HEARS = {"bar": "on_bar", "quote_bar": "on_quote_bar", "trade": "on_trade", "quote": "on_quote"}
"""The hook that hears each kind of market data."""


def check_is_told(
    strategy: type[Strategy],
    market: Collection[str],
    timers: Collection[str],
    built: Collection[str] = (),
) -> None:
    """Refuse a run in which a strategy would wait in vain; BadInput says which option it needs."""
    heard = [kind for kind, hook in HEARS.items() if has_hook(strategy, hook)]
    hears_built = built and (has_hook(strategy, "on_bar") or has_hook(strategy, "on_built_bar"))
    if heard and not hears_built and not any(kind in market for kind in heard):
        hooks = " and ".join(HEARS[kind] for kind in heard)
        raise BadInput(
            f"{strategy.__name__} has {hooks}, and of the market it would be told "
            f"{' and '.join(market)} only. Add --market {heard[0]}."
        )
    if has_hook(strategy, "on_built_bar") and not built:
        raise BadInput(
            f"{strategy.__name__} has on_built_bar, and the run builds no bars. Add --build, as "
            "--build 1h."
        )
    if has_hook(strategy, "on_timer") and not timers:
        raise BadInput(
            f"{strategy.__name__} has on_timer, and nothing wakes it. Add --timer with a period, "
            "as --timer 1h."
        )
