"""Files of the catalog appear together or not at all, whoever is killed on the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from barque.data.catalog import Catalog, Dataset
from barque.data.files import PROMISE, UNFINISHED, keep_promises, write_all
from tests.data.builders import coin
from tests.data.killed import NEW, OLD, write


def seen(root: Path) -> list[Dataset]:
    return Catalog(root).datasets()


@pytest.fixture(scope="module")
def survivors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = [sys.executable, "-m", "tests.data.killed", str(folder)]
    subprocess.run(program, env=os.environ | paths, check=True, timeout=300)
    return folder


def test_a_write_that_is_killed_anywhere_is_seen_whole_or_not_at_all(
    survivors: Path, tmp_path: Path
) -> None:
    write(tmp_path / "before", OLD)
    write(tmp_path / "after", OLD)
    write(tmp_path / "after", NEW)
    before, after = seen(tmp_path / "before"), seen(tmp_path / "after")

    found = [seen(survivors / str(k)) for k in range(1, len(list(survivors.iterdir())))]

    assert len(found) > 12
    kept = [one == after for one in found]
    assert all(one in (before, after) for one in found)
    assert kept == sorted(kept)  # once it is seen, it stays
    assert True in kept
    assert False in kept


def test_a_folder_may_be_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    write(Path("catalog"), OLD)

    assert seen(Path("catalog")) == seen(tmp_path / "catalog")
    assert seen(tmp_path / "catalog")


def test_writing_again_after_a_kill_leaves_the_same_files_and_no_others(
    survivors: Path, tmp_path: Path
) -> None:
    write(tmp_path / "whole", OLD)
    write(tmp_path / "whole", NEW)

    for catalog in survivors.iterdir():
        again = shutil.copytree(catalog, tmp_path / catalog.name)
        write(again, NEW)
        assert files(again) == files(tmp_path / "whole"), catalog.name


def files(root: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()
    }


def test_a_promise_of_the_dead_is_kept_by_whoever_looks_first(survivors: Path) -> None:
    promised = [one for one in survivors.iterdir() if list(one.rglob(f"*{PROMISE}"))]
    if not promised:  # the other tests have looked at all of them
        assert not list(survivors.rglob(f"*{PROMISE}"))
    for catalog in promised:
        assert Catalog(catalog).instrument(coin().id) == coin()
        assert not list(catalog.rglob(f"*{PROMISE}"))


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_all({tmp_path / "a/one": lambda file: file.write(b"1"), tmp_path / "b/two": broken})

    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_files_in_several_folders_are_written_together(tmp_path: Path) -> None:
    write_all({tmp_path / name: lambda file: file.write(b"1") for name in ("a/x", "a/b/y", "z")})

    assert sorted(files(tmp_path)) == ["a/b/y", "a/x", "z"]


def test_a_promise_is_kept_twice_without_harm(tmp_path: Path) -> None:
    part = tmp_path / f"x{UNFINISHED}"
    part.write_bytes(b"1")
    promise = f'{{"one": "{part.name}", "two": "gone{UNFINISHED}"}}'
    (tmp_path / f"some{PROMISE}").write_text(promise)

    keep_promises(tmp_path)
    keep_promises(tmp_path)

    assert files(tmp_path) == {"one": b"1"}
