import os
import time
from pathlib import Path

import pytest

from barque.bootstrap import compiled
from barque.bootstrap.compiled import KEPT, forget_old_kernels


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this process's kernels, in a cache of its own."""
    folder = tmp_path / "kernels" / "used"
    monkeypatch.setattr(compiled, "cache_directory", lambda: folder)
    return folder


def kernels(folder: Path, age: float) -> Path:
    (folder / "room").mkdir(parents=True)
    (folder / "room" / "step.nbc").write_bytes(b"machine code")
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def test_only_kernels_that_nobody_used_for_long_are_removed(used: Path) -> None:
    kernels(used, 2 * KEPT)
    recent = kernels(used.with_name("recent"), KEPT - 3600)
    old = kernels(used.with_name("old"), KEPT + 3600)

    forget_old_kernels()

    assert (used / "room" / "step.nbc").exists()
    assert (recent / "room" / "step.nbc").exists()
    assert not old.exists()


def test_a_use_keeps_kernels_for_another_while(used: Path) -> None:
    kernels(used, 2 * KEPT)

    forget_old_kernels()

    assert time.time() - used.stat().st_mtime < 3600


def test_a_cache_that_cannot_be_changed_is_left_as_it_is(tmp_path: Path, used: Path) -> None:
    used.parent.write_text("a file where the cache should be")

    forget_old_kernels()

    assert used.parent.is_file()
