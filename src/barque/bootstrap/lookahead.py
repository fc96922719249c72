"""Whether a strategy sees the future, asked on the catalog's data."""

import sys
from collections.abc import Callable
from pathlib import Path

from barque.bootstrap.backtests import (
    BacktestRequest,
    Progress,
    failures_in_words,
    filled_catalog,
    past_of,
)
from barque.bootstrap.compiled import forget_old_kernels
from barque.bootstrap.home import Home
from barque.bootstrap.strategies import find_strategy, split_path
from barque.bootstrap.told import check_is_told
from barque.research.lookahead import CUTS, History, Lookahead, Make, find_lookahead
from barque.strategies import Strategy


def verify_lookahead(
    home: Home,
    request: BacktestRequest,
    progress: Progress,
    *,
    cuts: int | None = CUTS,
    seed: int = 0,
) -> Lookahead:
    """Replace the future after some moments of a backtest and compare the past before them."""
    forget_old_kernels()
    catalog = filled_catalog(home)
    events = past_of(catalog, request)
    kind = find_strategy(request.strategy)
    check_is_told(kind, request.market, request.timers, request.built)
    progress(f"Getting {request.strategy} ready", 0, 0)
    with failures_in_words(request.strategy):
        return find_lookahead(
            maker(request.strategy, **request.parameters),
            History(events.instruments, events.array()),
            terms=request.known_terms(catalog),
            cuts=cuts,
            seed=seed,
            progress=lambda done, total: progress("Replacing the future", done, total),
        )


def maker(name: str, **parameters: float) -> Make:
    """Return a function that makes the strategy of that name.

    A strategy in a file of its own is imported anew each time, with the modules beside it, so that
    nothing it keeps at the top of its file passes from one history to the next. A compiled one is
    imported anew for the first few only: its hooks cannot write there.
    """
    path, _ = split_path(name)
    load = _keeping(lambda: find_strategy(name), path)
    return lambda history: load()(**parameters)


FRESH_COMPILED = 8
"""How often the file of a compiled strategy is imported anew."""


def _keeping(load: Callable[[], type[Strategy]], path: Path | None) -> Callable[[], type[Strategy]]:
    loaded: list[type[Strategy]] = []

    def next_class() -> type[Strategy]:
        if len(loaded) > FRESH_COMPILED and loaded[-1].is_compiled:
            return loaded[-1]
        if path is not None:
            _forget_modules_of(path.resolve().parent)
        loaded.append(load())
        return loaded[-1]

    return next_class


def _forget_modules_of(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        is_ours = name == "__main__" or name.startswith("barque.")
        if file is not None and Path(file).parent == folder and not is_ours:
            del sys.modules[name]
