"""The licence check lets through what is allowed, and names what is not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(
    folder: Path, metadata: str, notice: str = "Nothing is named here.\n"
) -> subprocess.CompletedProcess[str]:
    """Run the check on one locked package called `thing`, with the given metadata lines."""
    package = folder / "thing-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: thing\nVersion: 1.0\n{metadata}\n"
    )
    (folder / "lock").write_text("thing==1.0 \\\n    --hash=sha256:00\n")
    (folder / "notice").write_text(notice)
    return licences("--path", folder, "--lock", folder / "lock", "--notice", folder / "notice")


def licences(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "licences", *arguments], capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: MIT",
        "License-Expression: BSD-2-Clause AND Apache-2.0 WITH LLVM-exception",
        "License-Expression: GPL-3.0-only OR MIT",
        "Classifier: License :: OSI Approved :: BSD License",
        "License: Apache 2.0",
    ],
)
def test_an_allowed_licence_passes(tmp_path: Path, metadata: str) -> None:
    done = check(tmp_path, metadata)

    assert done.returncode == 0, done.stderr
    assert "1 locked packages, all allowed" in done.stdout


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: GPL-3.0-only",
        "License-Expression: MIT AND AGPL-3.0-or-later",
        "License-Expression: Apache-2.0 WITH Classpath-exception-2.0",
        "License-Expression: LGPL-3.0-only",
        "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "License: Proprietary",
        "Summary: says nothing of its licence",
    ],
)
def test_any_other_licence_is_refused_by_name(tmp_path: Path, metadata: str) -> None:
    done = check(tmp_path, metadata)

    assert done.returncode == 1
    assert done.stderr.startswith("thing: the licence")
    assert "Traceback" not in done.stderr


def test_an_lgpl_library_passes_when_notice_names_it(tmp_path: Path) -> None:
    done = check(tmp_path, "License-Expression: LGPL-3.0-only", notice="  thing: LGPL-3.0-only\n")

    assert done.returncode == 0, done.stderr


def test_a_notice_does_not_excuse_the_gpl(tmp_path: Path) -> None:
    done = check(tmp_path, "License-Expression: GPL-3.0-only", notice="  thing: GPL-3.0-only\n")

    assert done.returncode == 1


def test_a_locked_package_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "lock").write_text("thing==1.0\n")

    done = licences("--path", tmp_path / "empty", "--lock", tmp_path / "lock")

    assert done.returncode == 1
    assert "locked but not installed" in done.stderr
