"""A snapshot shortens recovery and changes nothing; at any doubt the journal is lived through."""

import asyncio
import shutil
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.engine.engine import Engine
from barque.engine.memory import memory_of
from barque.kernels import layout as at
from barque.runtime.paper import Epoch
from barque.storage.records import JournalKind
from barque.storage.snapshots import Snapshots
from tests.engine.histories import history
from tests.engine.test_memory import Quick, same_memory
from tests.engine.test_recovery import CompiledPatient, CompiledRestless, Restless

from .test_paper import CASH, COSTS, Unwatched, decided, fresh_engine, live

KINDS = [CompiledRestless, CompiledPatient, Quick]
PAST = history(11, 2, 25)
HALF = len(PAST.events) // 2
SAVE_EVERY = 7


@dataclass
class Seen(Unwatched):
    """How an account came back."""

    recalled: list = field(default_factory=list)
    doubts: list = field(default_factory=list)

    def recovered(self, from_seq, events):
        self.recalled.append((from_seq, events))

    def snapshot_passed_over(self, why):
        self.doubts.append(why)


def lived(folder, *, told=HALF, past=PAST, strategy=CompiledRestless, engine=None, **more):
    """Live until `told` events were told; return the engine, the journal and what was seen."""
    engine, watch = engine or fresh_engine(past, strategy), Seen()
    options = {"save_every": SAVE_EVERY} | more
    journal = asyncio.run(live(folder, past, told=told, engine=engine, watch=watch, **options))
    return engine, journal, watch


def without_snapshots(folder, to):
    """A copy of all but the snapshots."""
    return shutil.copytree(folder, to, ignore=shutil.ignore_patterns("snapshots"))


def snapshot_files(folder):
    """The files of an account's snapshots, newest first."""
    return sorted((folder / "snapshots").iterdir(), reverse=True)


def recalled_whole(seen, told=HALF):
    """Whether the whole life was lived through again."""
    (from_seq, events) = seen.recalled[0]
    return from_seq == 0 and events > told - 4


@given(st.integers(0, 2**32), st.sampled_from(KINDS), st.integers(1, 60), st.floats(0, 1))
@settings(max_examples=12)
def test_recovery_from_a_snapshot_is_recovery_from_the_beginning(
    tmp_path_factory, seed, strategy, save_every, share
):
    past = history(seed, 2, 25)
    cut = {"past": past, "told": int(share * len(past.events)), "strategy": strategy}
    short = tmp_path_factory.mktemp("snapshots")
    lived(short, save_every=save_every, **cut)
    long = without_snapshots(short, tmp_path_factory.mktemp("without") / "home")

    from_snapshot, _, seen = lived(short, save_every=save_every, **cut)
    from_beginning, _, all_seen = lived(long, save_every=10**9, **cut)
    rest = {"past": past, "told": len(past.events), "strategy": strategy}
    _, journal, _ = lived(short, save_every=save_every, **rest)

    assert not seen.doubts
    assert seen.recalled[0][0] > 0
    assert seen.recalled[0][1] < save_every
    assert all_seen.recalled[0][0] == 0
    same_memory(memory_of(from_snapshot), memory_of(from_beginning))
    expected = fresh_engine(past, strategy).process(past.events)
    np.testing.assert_array_equal(decided(journal), expected.records)
    assert (journal["kind"] == JournalKind.EPOCH).sum() == 1


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An account that lived through half of the past with snapshots, and its engine's memory."""
    folder = tmp_path_factory.mktemp("home") / "home"
    engine, _, _ = lived(folder)
    return folder, memory_of(engine)


def back_again(home, to, spoil=lambda folder: None, **more):
    """Spoil a copy of the home, come back to it, and go on to the end."""
    folder = shutil.copytree(home[0], to / "home")
    spoil(folder)
    engine, _, seen = lived(folder, **more)
    if "engine" not in more:
        same_memory(memory_of(engine), home[1])
    more = {name: value for name, value in more.items() if name != "engine"}
    _, journal, _ = lived(folder, told=len(PAST.events), **more)
    expected = fresh_engine(PAST).process(PAST.events)
    np.testing.assert_array_equal(decided(journal), expected.records)
    return seen


def test_it_comes_back_from_the_newest_snapshot(home, tmp_path):
    seen = back_again(home, tmp_path)

    assert not seen.doubts
    assert f"{seen.recalled[0][0]:015d}" in snapshot_files(home[0])[0].name
    assert seen.recalled[0][1] < SAVE_EVERY


def newest(change):
    """Spoil the newest snapshot's bytes."""

    def spoil(folder):
        file = snapshot_files(folder)[0]
        file.write_bytes(change(file.read_bytes()))

    return spoil


def flipped(body):
    return body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]


def older_under_newest_name(folder):
    new, old = snapshot_files(folder)
    new.write_bytes(old.read_bytes())


SPOILT = {
    "a flipped bit": newest(flipped),
    "a torn file": newest(lambda body: body[: len(body) // 2]),
    "an empty file": newest(lambda body: b""),
    "an older snapshot under its name": older_under_newest_name,
}


@pytest.mark.parametrize("damage", SPOILT)
def test_a_damaged_snapshot_is_passed_over_for_the_one_before(home, tmp_path, damage):
    seen = back_again(home, tmp_path, SPOILT[damage])

    assert len(seen.doubts) == 1
    assert "damaged" in seen.doubts[0]
    assert f"{seen.recalled[0][0]:015d}" in snapshot_files(home[0])[1].name


def all_damaged(folder):
    for file in snapshot_files(folder):
        file.write_bytes(flipped(file.read_bytes()))


def all_removed(folder):
    shutil.rmtree(folder / "snapshots")


@pytest.mark.parametrize("spoil", [all_damaged, all_removed])
def test_without_a_sound_snapshot_the_whole_journal_is_lived_through(home, tmp_path, spoil):
    seen = back_again(home, tmp_path, spoil)

    assert recalled_whole(seen)
    assert len(seen.doubts) == (2 if spoil is all_damaged else 0)


def test_a_snapshot_that_the_journal_does_not_vouch_for_is_passed_over(home, tmp_path):
    def left_by_a_crash(folder):
        """The file was written, the journal's record of it was not."""
        new = snapshot_files(folder)[0]
        seq = int(new.stem.partition("-")[2])
        new.with_name(f"000001-{seq + 500:015d}.safetensors").write_bytes(new.read_bytes())

    seen = back_again(home, tmp_path, left_by_a_crash)

    assert ["knows of no snapshot" in doubt for doubt in seen.doubts] == [True]
    assert seen.recalled[0][1] < SAVE_EVERY


def test_snapshots_of_another_life_are_passed_over(home, tmp_path):
    other = history(12, 2, 25)
    folder = tmp_path / "other"
    lived(folder, past=other, told=len(other.events) // 2, save_every=10**9)
    shutil.copytree(home[0] / "snapshots", folder / "snapshots", dirs_exist_ok=True)

    engine, _, seen = lived(folder, past=other, told=len(other.events), save_every=10**9)

    assert seen.doubts
    expected = fresh_engine(other, CompiledRestless)
    expected.process(other.events)
    same_memory(memory_of(engine), memory_of(expected))


def test_another_build_lives_through_the_whole_journal_once_and_saves_what_it_remembers(
    home, tmp_path
):
    folder = shutil.copytree(home[0], tmp_path / "home")
    new = Epoch((3, 4), "second build")

    _, journal, upgraded = lived(folder, epoch=new, save_every=10**9)
    _, _, restarted = lived(folder, epoch=new, save_every=10**9)

    assert all("other code" in doubt for doubt in upgraded.doubts)
    assert recalled_whole(upgraded)
    kinds = journal["kind"].tolist()
    assert kinds[-3:] == [JournalKind.EPOCH, JournalKind.SLICE, JournalKind.SNAPSHOT]
    assert not restarted.doubts
    assert restarted.recalled == [(len(journal), 0)]


def test_a_build_that_comes_back_after_another_says_so(home, tmp_path):
    folder = shutil.copytree(home[0], tmp_path / "home")
    lived(folder, epoch=Epoch((3, 4), "second build"), save_every=10**9)

    _, journal, seen = lived(folder, save_every=10**9)

    epochs = journal[journal["kind"] == JournalKind.EPOCH]["a"][:, :2].tolist()
    assert epochs == [[1, 2], [3, 4], [1, 2]]
    assert seen.recalled[0][0] > 0


def test_a_strategy_of_other_parameters_does_not_take_the_memory(home, tmp_path):
    other = Engine(CompiledRestless(quantity=1.0), PAST.instruments, cash=CASH, costs=COSTS)

    seen = back_again(home, tmp_path, engine=other)

    assert all("quantity" in doubt for doubt in seen.doubts)
    assert recalled_whole(seen)
    assert other.strategy.quantity == 1.0


def test_a_strategy_in_plain_python_lives_through_its_whole_journal(tmp_path):
    lived(tmp_path, strategy=Restless)

    _, journal, seen = lived(tmp_path, strategy=Restless)

    assert recalled_whole(seen)
    assert JournalKind.SNAPSHOT not in journal["kind"]
    assert not Snapshots(tmp_path / "snapshots").seqs(1)


def test_a_disk_that_takes_no_snapshots_does_not_stop_trading(tmp_path):
    (tmp_path / "snapshots").write_text("not a folder")

    engine, journal, seen = lived(tmp_path, told=len(PAST.events))

    assert seen.doubts
    assert all("could not be written" in doubt for doubt in seen.doubts)
    expected = fresh_engine(PAST).process(PAST.events)
    np.testing.assert_array_equal(decided(journal), expected.records)
    assert engine.state.account[at.EVENTS_SEEN] == len(PAST.events)


def test_a_new_account_keeps_what_its_history_taught_it(tmp_path):
    remembered = int(np.flatnonzero(PAST.events[:, at.FLAGS] & 1)[9]) + 1

    lived(tmp_path, told=remembered, remembered=remembered, save_every=10**9)
    _, _, seen = lived(tmp_path, told=remembered, remembered=remembered, save_every=10**9)

    assert seen.recalled == [(3, 0)]
