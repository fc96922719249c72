"""Whatever happens, the keyboard hears one readable line and an exit code."""

import json
import re
import signal
import subprocess
import time

import pytest
import typer
from typer.testing import CliRunner

from barque.cli.door import Door
from barque.cli.exit_codes import ExitCode
from barque.domain.errors import BadInput, CannotContinue, NotReady
from tests.cli.keyboard import REPOSITORY, command, environment, run_process, type_in

HEAVY = (
    "numba",
    "numpy",
    "polars",
    "fastapi",
    "sqlalchemy",
    "lightgbm",
    "pydantic",
    "rich",
)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["doctr"], "'doctor'"),
        (["backtest", "rnu"], "'run'"),
        (["backtest", "run", "sma_cross", "--instrumnt", "A.B"], "'--instrument'"),
        (["data", "import", "--sampel"], "'--sample'"),
    ],
)
def test_a_mistyped_command_or_option_is_answered_with_the_nearest(words, meant):
    result = type_in(*words)

    assert result.exit_code == ExitCode.BAD_INPUT
    assert f"Did you mean {meant}?" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("words", [[], ["data"], ["backtest"], ["strategy"], ["paper"], ["verify"]])
def test_a_command_without_a_subcommand_shows_what_there_is(words):
    result = type_in(*words)

    assert result.exit_code == ExitCode.OK
    assert "Commands:" in result.stdout


def broken(error):
    app = typer.Typer(cls=Door, rich_markup_mode=None)

    @app.callback()
    def group():
        pass

    @app.command()
    def fail(as_json: bool = typer.Option(False, "--json")):
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (BadInput("seen and allowed"), "bad_input", 2),
        (NotReady("seen and allowed"), "not_ready", 3),
        (CannotContinue("seen and allowed"), "cannot_continue", 4),
        (KeyboardInterrupt(), "interrupted", 130),
        (PermissionError(13, "seen and allowed", "file"), "system", 4),
        (ZeroDivisionError("seen and allowed"), "bug", 4),
    ],
)
def test_every_error_has_its_exit_code_and_is_json_when_json_was_asked(error, code, exit_code):
    for_people = CliRunner().invoke(broken(error), ["fail"])
    for_programs = CliRunner().invoke(broken(error), ["fail", "--json"])

    assert for_people.exit_code == for_programs.exit_code == exit_code
    assert json.loads(for_programs.stdout)["code"] == code
    assert ("Traceback" in for_people.stderr) == (code == "bug")
    if code not in ("bug", "interrupted"):
        assert "seen and allowed" in for_people.stderr
        assert len(for_people.stderr.splitlines()) == 1


def test_the_guide_lists_exactly_the_exit_codes_there_are():
    guide = (REPOSITORY / "docs" / "guides" / "command-line.md").read_text()

    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", guide, re.MULTILINE)}

    assert listed == {int(code) for code in ExitCode}


def test_help_imports_nothing_heavy():
    asked = "import sys; sys.argv = ['barque', '--help']\nfrom barque.cli.main import main\n"
    counted = f"print([name for name in {HEAVY} if name in sys.modules])"
    program = f"{asked}try:\n    main()\nexcept SystemExit:\n    {counted}"

    done = subprocess.run(
        [command()[0], "-c", program], env=environment(), capture_output=True, text=True
    )

    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path):
    begun = tmp_path / "begun"
    slow = tmp_path / "slow.py"
    slow.write_text(f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(60)\n")
    words = command("strategy", "list", slow)

    process = subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)

    assert process.returncode == ExitCode.INTERRUPTED
    assert said == "Interrupted.\n"


def test_a_setting_that_cannot_be_used_is_named(tmp_path):
    done = run_process("doctor", cwd=tmp_path, BARQUE_PORT="none")

    assert done.returncode == ExitCode.BAD_INPUT
    assert "BARQUE_PORT is 'none'" in done.stderr
    assert "Traceback" not in done.stderr
