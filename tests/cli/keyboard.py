"""How tests type commands: in this process, or as a person would, in one of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

import barque
from barque.cli.main import app

REPOSITORY = Path(__file__).parents[2]
SOURCES = Path(barque.__file__).parents[1]


def type_in(*words):
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="barque")


def answer(*words):
    """Type a command with --json and return its document; standard output holds nothing else."""
    result = type_in(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def command(*words):
    return [sys.executable, "-m", "barque.cli", *map(str, words)]


def environment(**more):
    return os.environ | {"PYTHONPATH": str(SOURCES)} | {name: str(v) for name, v in more.items()}


def run_process(*words, cwd=REPOSITORY, **more):
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
    )
