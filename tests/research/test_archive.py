"""A result that was kept is the result that was found, or it is refused."""

import numpy as np
import pytest

from barque.domain.errors import CorruptData, NotReady
from barque.research import archive
from barque.research.archive import keep, read
from tests.research.results import result


@pytest.fixture(scope="module")
def found():
    return result(60)


def test_what_is_read_back_is_what_was_kept(tmp_path, found) -> None:
    again = read(tmp_path, keep(tmp_path, found))

    np.testing.assert_array_equal(again.records, found.records)
    np.testing.assert_array_equal(again.curve, found.curve)
    assert again.summary() == found.summary()
    assert again.round_trips.equals(found.round_trips)


def test_the_same_run_has_the_same_name_however_long_it_took(tmp_path, found) -> None:
    names = {keep(tmp_path, found), keep(tmp_path, result(60))}

    assert len(names) == 1
    assert keep(tmp_path, result(61)) not in names


@pytest.mark.parametrize("file", ["records.parquet", "curve.parquet", "result.json"])
def test_a_changed_byte_is_refused_wherever_it_would_matter(tmp_path, found, file) -> None:
    name = keep(tmp_path, found)
    path = tmp_path / name / file
    whole = path.read_bytes()
    refused = 0

    for place in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x24]) + whole[place + 1 :])
        try:
            again = read(tmp_path, name)
        except (CorruptData, NotReady):  # a changed name of the columns is one of other columns
            refused += 1
        else:
            np.testing.assert_array_equal(again.records, found.records)
            np.testing.assert_array_equal(again.curve, found.curve)

    assert refused > 30


def test_numbers_that_lie_in_other_columns_are_not_read(tmp_path, found, monkeypatch) -> None:
    monkeypatch.setattr(archive, "LAYOUT", "another")
    name = keep(tmp_path, found)
    monkeypatch.undo()

    with pytest.raises(NotReady, match=f"{name} was kept by a version of Barque with other col"):
        read(tmp_path, name)


def test_running_again_mends_what_was_damaged(tmp_path, found) -> None:
    path = tmp_path / keep(tmp_path, found) / "curve.parquet"
    path.write_bytes(b"")

    name = keep(tmp_path, found)

    assert read(tmp_path, name).summary() == found.summary()


def test_a_result_that_is_gone_says_so(tmp_path) -> None:
    with pytest.raises(NotReady, match="Run the backtest again"):
        read(tmp_path, "0" * 32)
