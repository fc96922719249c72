"""`barque deploy` answers as its pages say."""

import json
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


def real_plan(folder, *actions):
    address = "module.barque.module.database.aws_db_instance.primary"
    change = {"actions": list(actions), "after": None}
    resource = {"address": address, "type": "aws_db_instance", "mode": "managed", "change": change}
    file = folder / "plan.json"
    file.write_text(json.dumps({"resource_changes": [resource]}))
    return file, address


def test_a_plan_that_would_lose_the_database_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    file, address = real_plan(tmp_path, "delete", "create")

    result = type_in("deploy", "plan", "prod", "--from", str(file))

    assert result.exit_code == 1
    assert f"--allow-destroy='{address}'" in result.stdout


def test_a_loss_that_was_allowed_by_name_is_not_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    file, address = real_plan(tmp_path, "delete")

    found = answer("deploy", "plan", "prod", "--from", str(file), "--allow-destroy", address)

    assert found["refused"] == []
    assert found["plans"]["prod"]["destroy"] == 1


def test_a_plan_of_an_environment_that_does_not_exist_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)

    result = type_in("deploy", "plan", "prdo")

    assert result.exit_code == 2
    assert "prod" in result.output


def test_a_real_plan_needs_its_environment_named(tmp_path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    file, _ = real_plan(tmp_path, "create")

    result = type_in("deploy", "plan", "--from", str(file))

    assert result.exit_code == 2
