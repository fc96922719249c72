"""Equity curves for tests: made by hand, of chance, and of real prices."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from barque.kernels.layout import CURVE_EQUITY, CURVE_TS, CURVE_WIDTH
from barque.research.statistics import DAY, DailyCurve, daily

HOUR = DAY // 24
SAMPLE = Path(__file__).parents[2] / "sample"


def curve(equity: Sequence[int], step: int = DAY) -> np.ndarray:
    rows = np.zeros((len(equity), CURVE_WIDTH), np.int64)
    rows[:, CURVE_TS] = np.arange(len(equity)) * step
    rows[:, CURVE_EQUITY] = equity
    return rows


def daily_of(equity: Sequence[int], step: int = DAY, first: int | None = None) -> DailyCurve | None:
    return daily(curve(equity, step), equity[0] if first is None else first)


def of_returns(returns: np.ndarray) -> DailyCurve:
    """Days that earn `returns`, from 10^16 units on: rounding them to units loses nothing seen."""
    growth = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    found = daily_of(np.rint(growth * 1e16).astype(np.int64).tolist())
    assert found is not None
    return found


def chance(seed: int, days: int, drift: float = 0.0004, spread: float = 0.01) -> np.ndarray:
    """Returns with fat tails."""
    return drift + spread * np.random.default_rng(seed).standard_t(4, days)


def real_returns(symbol: str) -> np.ndarray:
    """Daily returns of a share of the sample, with its splits and dividends."""
    frame = pl.read_parquet(SAMPLE / "us_equity_daily.parquet")
    mine = frame.filter(pl.col("symbol") == symbol)
    close, split, dividend = (mine[name].to_numpy() for name in ("close", "split", "dividend"))
    return (close[1:] + dividend[1:]) * split[1:] / close[:-1] - 1.0


def real_hours() -> np.ndarray:
    """Hourly closes of Bitcoin, in cents."""
    closes = pl.read_parquet(SAMPLE / "binance_btcusdt_1h.parquet")["close"].to_numpy()
    return np.rint(closes * 100).astype(np.int64)
