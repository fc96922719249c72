from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.data.catalog import Catalog, Table
from barque.data.doors.splits import LARGEST_TERM, split_terms
from barque.data.events.stream import catalog_events
from barque.data.files import write_all
from barque.data.kinds import EVENT
from barque.data.parquet import parquet_content
from barque.domain.errors import CorruptData
from tests.data.builders import MINUTE, bar_columns, share

TERMS = st.integers(1, LARGEST_TERM)


def splits(new: int, old: int) -> Table:
    columns = {"ts": [2 * MINUTE, 4 * MINUTE], "new": [2, new], "old": [1, old]}
    return Table("split", EVENT, {name: np.array(column) for name, column in columns.items()})


@given(st.floats(1 / LARGEST_TERM, LARGEST_TERM))
def test_any_ratio_becomes_terms_that_are_allowed_and_near(ratio: float) -> None:
    terms = split_terms(ratio)

    assert 1 <= terms.numerator <= LARGEST_TERM
    assert 1 <= terms.denominator <= LARGEST_TERM
    assert abs(float(terms) - ratio) <= max(ratio, 1) / LARGEST_TERM


@given(TERMS, st.integers(1, 30))
def test_a_split_written_with_twelve_digits_is_found_again(new: int, old: int) -> None:
    assert split_terms(float(f"{new / old:.12g}")) == Fraction(new, old)


@pytest.mark.parametrize(("new", "old"), [(0, 1), (1, 0), (-2, 1), (1001, 1), (1, 10**9)])
def test_an_impossible_split_is_refused_when_written_and_when_read(
    tmp_path: Path, new: int, old: int
) -> None:
    catalog = Catalog(tmp_path)
    bars = Table("bar", "1m", bar_columns([k * MINUTE for k in range(1, 9)]))
    column, value = ("new", new) if not 1 <= new <= LARGEST_TERM else ("old", old)
    named = rf"row 2: {column} is {value} units; a number from 1 to 1,000"

    with pytest.raises(CorruptData, match=named):
        catalog.write(share(), [splits(new, old), bars])
    catalog.write(share(), [splits(3, 1), bars])
    (kept,) = catalog.files(share(), "split", EVENT)
    write_all({kept: parquet_content(splits(new, old).columns)})

    with pytest.raises(CorruptData, match=named):
        catalog_events(catalog, ["AAPL.XNAS"], "1m").array()
