from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from barque.storage.journal_rows import plain_row
from barque.storage.records import JournalKind, Records, encode_journal
from barque.storage.snapshots import KEPT, Digest, NoSnapshot, Snapshot, Snapshots

MEMORY = {"account": np.arange(16), "strategy.x": np.array([[1.5, np.nan]])}

memories = st.dictionaries(
    st.sampled_from(["account", "orders", "strategy.x", "strategy.größe"]),
    arrays.arrays(
        st.sampled_from([np.int64, np.int32, np.float64]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
)
whole = st.integers(-(2**63), 2**63 - 1)


def at(seq: int) -> Snapshot:
    return Snapshot(seq, market_position=10 * seq, fingerprint=(1, -2), memory=MEMORY)


def vouch(seq: int, digest: Digest) -> Records:
    """What the journal says of the snapshot at a record."""
    row = plain_row(JournalKind.SNAPSHOT, 0, 10 * seq, digest)
    return encode_journal(row, account=1, first_seq=seq, receive_ts=0)[0]


@given(memories, whole, whole, st.integers(1, 10**15 - 1), st.integers(0, 2**62))
def test_a_snapshot_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, memory, first, second, seq, position
) -> None:
    snapshots = Snapshots(tmp_path_factory.mktemp("snapshots"))
    written = Snapshot(seq, position, (first, second), memory)

    digest = snapshots.write(1, written)
    read = snapshots.read(1, vouch(seq, digest))

    assert (read.seq, read.market_position, read.fingerprint) == (seq, position, (first, second))
    assert read.memory.keys() == memory.keys()
    for name, array in memory.items():
        assert read.memory[name].tobytes() == array.tobytes()
        assert (read.memory[name].dtype, read.memory[name].shape) == (array.dtype, array.shape)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_changed_byte_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, share: float, change: int
) -> None:
    snapshots = Snapshots(tmp_path_factory.mktemp("snapshots"))
    record = vouch(5, snapshots.write(1, at(5)))
    body = bytearray(snapshots.path(1, 5).read_bytes())
    body[int(share * len(body))] ^= change
    snapshots.path(1, 5).write_bytes(body)

    with pytest.raises(NoSnapshot, match="damaged"):
        snapshots.read(1, record)


@pytest.mark.parametrize("length", [0, 1, 8, 200])
def test_a_torn_file_is_noticed(tmp_path: Path, length: int) -> None:
    snapshots = Snapshots(tmp_path)
    record = vouch(5, snapshots.write(1, at(5)))
    body = snapshots.path(1, 5).read_bytes()
    assert length < len(body)
    snapshots.path(1, 5).write_bytes(body[:length])

    with pytest.raises(NoSnapshot, match="damaged"):
        snapshots.read(1, record)


def test_a_file_that_is_gone_or_a_folder_is_no_snapshot(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    record = vouch(5, snapshots.write(1, at(5)))
    snapshots.path(1, 5).unlink()

    with pytest.raises(NoSnapshot, match="cannot be read"):
        snapshots.read(1, record)

    snapshots.path(1, 5).mkdir()
    with pytest.raises(NoSnapshot, match="cannot be read"):
        snapshots.read(1, record)


def test_a_file_of_another_schema_is_not_guessed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(tmp_path)
    monkeypatch.setattr("barque.storage.snapshots.SCHEMA", 0)
    record = vouch(5, snapshots.write(1, at(5)))
    monkeypatch.undo()

    with pytest.raises(NoSnapshot, match="schema 0"):
        snapshots.read(1, record)


def test_the_newest_few_are_kept_for_each_account(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    for seq in (3, 9, 40):
        snapshots.write(1, at(seq))
    snapshots.write(2, at(7))

    assert snapshots.seqs(1) == [40, 9][:KEPT]
    assert snapshots.seqs(2) == [7]
    assert snapshots.seqs(3) == []


def test_what_another_store_or_a_crash_left_gives_way_to_what_is_written(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    for seq in (800, 900):
        snapshots.write(1, at(seq))
    torn = tmp_path / "000001-000000000000850.unfinished"
    torn.write_bytes(b"half")

    snapshots.write(1, at(5))

    assert snapshots.seqs(1) == [5]
    assert not torn.exists()


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "000001-notes.safetensors"
    notes.write_text("mine")
    snapshots = Snapshots(tmp_path)

    snapshots.write(1, at(5))

    assert snapshots.seqs(1) == [5]
    assert notes.read_text() == "mine"


def test_a_folder_that_does_not_exist_holds_no_snapshots(tmp_path: Path) -> None:
    assert Snapshots(tmp_path / "nowhere").seqs(1) == []
