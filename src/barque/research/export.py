"""What a backtest found, as files that other programs read."""

from pathlib import Path

import polars as pl

from barque.domain.errors import BadInput
from barque.research.result import Result

TABLES = ("returns", "equity", "fills", "orders", "changes", "trades", "fifo", "positions", "flows")
"""What can be written: each is a table of `Result`."""

TIMES = ("ts", "entry_ts", "exit_ts", "changed_ts")


def export(result: Result, table: str, path: Path) -> int:
    """Write one table of a result as CSV or Parquet, by the file's ending; return its rows.

    Times become UTC times. `returns` has the columns `date` and `return`: what QuantStats,
    empyrical and pyfolio take as a series, `pandas.read_csv(path, index_col=0, parse_dates=True)`.
    """
    frame = _in_utc(_table(result, table))
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            raise BadInput(f"{path} ends neither in .csv nor in .parquet; choose one of them.")
    return frame.height


def _table(result: Result, table: str) -> pl.DataFrame:
    match table:
        case "trades":
            return result.round_trips
        case "fifo":
            return result.fifo_trips
        case "changes":
            return result.order_changes
        case _:
            frame: pl.DataFrame = getattr(result, table)
            return frame


def _in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    times = [name for name in TIMES if name in frame.columns]
    return frame.with_columns(
        pl.from_epoch(name, "ns").dt.replace_time_zone("UTC") for name in times
    )
