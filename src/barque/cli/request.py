"""The options of a backtest, as a request."""

from collections.abc import Sequence

from barque.bootstrap.backtests import USUAL_MARKET, BacktestRequest
from barque.cli.terms import TermOptions
from barque.cli.values import decimal, nanoseconds, parameters
from barque.research.statistics import Conventions


def request(
    strategy: str,
    instruments: Sequence[str],
    period: str,
    start: str | None,
    end: str | None,
    *,
    terms: TermOptions,
    market: Sequence[str],
    timers: Sequence[str],
    built: Sequence[str] = (),
    pairs: Sequence[str],
    benchmark: str | None = None,
    risk_free: str = "0",
) -> BacktestRequest:
    """Return what is asked of the past."""
    return BacktestRequest(
        strategy=strategy,
        instruments=tuple(instruments),
        period=period,
        start=nanoseconds("--from", start),
        end=nanoseconds("--to", end),
        market=tuple(market) or USUAL_MARKET,
        timers=tuple(timers),
        built=tuple(built),
        terms=terms.words(),
        parameters=parameters(pairs),
        benchmark=benchmark,
        conventions=Conventions(risk_free_rate=float(decimal("--risk-free", risk_free))),
    )
