"""`barque deploy up` starts what it can, and says where the rest is done."""

import pytest

from barque.cli.exit_codes import ExitCode
from tests.cli.keyboard import type_in


@pytest.mark.parametrize("target", ["aws", "kubernetes", "Compose"])
def test_a_target_that_is_not_this_machine_is_refused_with_the_way(target: str) -> None:
    result = type_in("deploy", "up", "--target", target)

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "barque deploy plan" in result.stderr


@pytest.mark.parametrize("command", ["up", "status", "doctor", "down"])
def test_the_commands_of_the_stack_explain_themselves(command: str) -> None:
    result = type_in("deploy", command, "--help")

    assert result.exit_code == ExitCode.OK
    assert "stack" in result.stdout


def test_a_role_needs_a_name_that_is_known() -> None:
    result = type_in("run", "tradr")

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "Did you mean 'trader'?" in result.stderr
