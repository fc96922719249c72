"""`barque deploy` answers as its pages say."""

import re

import pytest

from tests.cli.keyboard import REPOSITORY, answer, type_in

PAGES = sorted((REPOSITORY / "docs" / "deployment").glob("*.md"))
COMMANDS = [
    command
    for page in PAGES
    for command in re.findall(r"^\$ barque (deploy scale-sim .*)$", page.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_simulation_of_the_pages_works(command, tmp_path):
    words = command.replace("--out ", f"--out {tmp_path}/").split()

    result = type_in(*words)

    assert result.exit_code == 0, result.output


def test_a_simulation_answers_in_json():
    (found,) = answer("deploy", "scale-sim", "api", "--trace", "step")["simulations"]

    assert found["interrupted_accounts"] == 0
    assert found["changes"][0]["before"] < found["changes"][0]["after"]


def test_check_names_each_check_and_its_verdict():
    found = answer("deploy", "check", "--only", "architecture", "--only", "scaling")

    assert [(one["name"], one["verdict"]) for one in found["checks"]] == [
        ("architecture", "passed"),
        ("scaling", "passed"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--only", "scalling"), "Did you mean 'scaling'"),
        (("scale-sim", "apis"), "Did you mean 'api'"),
        (("scale-sim", "api", "--trace", "stepp"), "Did you mean 'step'"),
        (("scale-sim", "api", "--env", "production"), "No environment is called 'production'"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_one(words, said):
    result = type_in("deploy", *words)

    assert result.exit_code == 2
    assert said in result.output
