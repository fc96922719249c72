"""What is written for other programs is what they read."""

import pandas
import polars as pl
import pytest

from barque.domain.errors import BadInput
from barque.research.export import TABLES, export
from tests.research.results import result


@pytest.fixture(scope="module")
def found():
    return result(80)


def test_daily_returns_are_read_as_a_series_of_dates(tmp_path, found) -> None:
    """As QuantStats takes them: a series of returns with a DatetimeIndex."""
    rows = export(found, "returns", tmp_path / "returns.csv")

    series = pandas.read_csv(tmp_path / "returns.csv", index_col=0, parse_dates=True).squeeze()

    assert isinstance(series.index, pandas.DatetimeIndex)
    assert len(series) == rows == 80
    assert (1 + series).prod() - 1 == pytest.approx(found.statistics.total_return)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_table_is_written_and_read_back(tmp_path, found, table, ending) -> None:
    path = tmp_path / f"{table}.{ending}"

    rows = export(found, table, path)

    again = pl.read_csv(path) if ending == "csv" else pl.read_parquet(path)
    assert again.height == rows > 0 or table == "flows"


def test_another_ending_is_refused(tmp_path, found) -> None:
    with pytest.raises(BadInput, match=r"neither in \.csv nor in \.parquet"):
        export(found, "fills", tmp_path / "fills.xlsx")
