"""Checks run, are remembered while nothing changed, and say what is missing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from barque.deployment.check import HOW_TO_GET, Check, Finding, repository, run_checks
from barque.domain.errors import BadInput


def check(found: Sequence[Finding] = (), *, programs: tuple[str, ...] = ()) -> Check:
    return Check(name="one", words="", inputs=("*.txt",), run=lambda root: found, programs=programs)


def test_a_check_that_passed_is_remembered_until_what_it_reads_changes(tmp_path: Path) -> None:
    root, kept = tmp_path / "root", tmp_path / "kept"
    root.mkdir()
    (root / "a.txt").write_text("1")

    first, again = (run_checks([check()], root, kept)[0] for _ in range(2))
    (root / "a.txt").write_text("2")
    changed = run_checks([check()], root, kept)[0]

    assert [one.cached for one in (first, again, changed)] == [False, True, False]


def test_a_check_that_failed_is_never_remembered(tmp_path: Path) -> None:
    failing = check([Finding("here", "wrong")])

    verdicts = [run_checks([failing], tmp_path, tmp_path / "kept")[0] for _ in range(2)]

    assert [(one.verdict, one.cached) for one in verdicts] == [("failed", False)] * 2


def test_a_check_whose_program_is_missing_is_skipped_by_name(tmp_path: Path) -> None:
    outcome = run_checks([check(programs=("no-such-program",))], tmp_path, tmp_path / "kept")[0]

    assert (outcome.verdict, outcome.missing) == ("skipped", ("no-such-program",))


def test_every_program_that_a_check_needs_has_words_on_how_to_get_it() -> None:
    from barque.deployment.checks import CHECKS

    assert {program for one in CHECKS for program in one.programs} <= HOW_TO_GET.keys()


def test_outside_of_a_checkout_the_error_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not inside a checkout"):
        repository(tmp_path)
