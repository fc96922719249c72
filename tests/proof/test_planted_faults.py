"""Every planted fault can still be planted: its text is there, and so are its tests."""

import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FAULTS = tomllib.loads((REPOSITORY / "proof" / "faults.toml").read_text())["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["wrong"])
def test_the_text_that_a_fault_replaces_occurs_once(fault) -> None:
    text = (REPOSITORY / fault["file"]).read_text()

    assert text.count(fault["old"]) == 1
    assert fault["old"] != fault["new"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["wrong"])
def test_the_tests_that_must_see_a_fault_are_there(fault) -> None:
    for test in fault["tests"]:
        file, _, name = test.partition("::")

        assert f"def {name.partition('[')[0]}(" in (REPOSITORY / file).read_text(), test
