"""The options of a backtest, as a request."""

from collections.abc import Sequence

from barque.bootstrap.backtests import BacktestRequest
from barque.cli.values import decimal, nanoseconds, optional_decimal, parameters
from barque.domain.costs import Costs
from barque.research.statistics import Conventions
from barque.risk.limits import Limits


def costs(fee: str, fee_per_unit: str, slippage: str) -> Costs:
    """Return what trading costs."""
    return Costs(
        fee=decimal("--fee", fee),
        fee_per_unit=decimal("--fee-per-unit", fee_per_unit),
        slippage=decimal("--slippage", slippage),
    )


def limits(position: str | None, notional: str | None, price_band: str | None) -> Limits:
    """Return what the account may do."""
    return Limits(
        position=optional_decimal("--max-position", position),
        notional=optional_decimal("--max-notional", notional),
        price_band=optional_decimal("--price-band", price_band),
    )


def request(
    strategy: str,
    instruments: Sequence[str],
    period: str,
    start: str | None,
    end: str | None,
    *,
    cash: str,
    costs: Costs,
    limits: Limits,
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
        cash=decimal("--cash", cash),
        costs=costs,
        limits=limits,
        parameters=parameters(pairs),
        benchmark=benchmark,
        conventions=Conventions(risk_free_rate=float(decimal("--risk-free", risk_free))),
    )
