"""Features that many accounts look at and that are worked out once.

What a feature says at a bar depends on the market and on nothing an account does. Runs of one
strategy with other thresholds, sizes or bands see the same numbers at the same events: one table
of them, a row an event, serves all.
"""

from typing import Any

from barque.domain.events import Bar
from barque.kernels.arrays import FloatArray
from barque.kernels.layout import EVENTS_SEEN
from barque.strategies.signals import Signals
from barque.strategies.strategy import Strategy


def can_share(strategy: type[Strategy]) -> bool:
    """Return whether the strategy's features are those of `Signals`, untouched."""
    own = ("on_bar", "on_split", "on_dividend", "_see")
    return issubclass(strategy, Signals) and all(
        getattr(strategy, name) is getattr(Signals, name) for name in own
    )


_known: dict[type[Strategy], Any] = {}


def sharing(strategy: type[Strategy]) -> Any:
    """Return the same strategy, which reads its features in the table `shared` that it is given.

    The table is float64 (events, features): row k is known after event k, counted from 0.
    """
    assert can_share(strategy)
    if strategy not in _known:
        body: dict[str, Any] = {
            "__module__": strategy.__module__,
            "__qualname__": f"{strategy.__qualname__}.Sharing",
            "_see": _see,
        }
        _known[strategy] = type(strategy.__name__, (strategy,), body)
    return _known[strategy]


def _see(self: Any, bar: Bar) -> None:
    """Read what the features say at the event that is being told."""
    row, i = self._account[EVENTS_SEEN] - 1, bar.instrument
    shared: FloatArray = self.shared
    for k in range(self.x.shape[1]):
        self.x[i, k] = shared[row, k]
