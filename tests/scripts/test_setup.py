"""`make setup` says what a machine lacks before it touches anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of the repository as setup reads."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def setup(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "scripts" / "setup"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_a_missing_python_is_named_with_the_way_to_get_it(clone: Path) -> None:
    done = setup(clone, PYTHON="/bin/false")

    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13: apt-get install python3" in done.stderr
    assert not (clone / ".venv").exists()
    assert not (clone / ".tools").exists()


def test_everything_that_is_missing_is_named_at_once(clone: Path) -> None:
    tools = clone / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "cat", "sha256sum", "uname"):
        (tools / name).symlink_to(str(shutil.which(name)))

    done = setup(clone, PATH=str(tools))

    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()[1:]] == [
        "  - git",
        "  - make",
        "  - Python 3.11, 3.12 or 3.13",
    ]
