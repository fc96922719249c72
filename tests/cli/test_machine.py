"""`barque doctor` and `barque version`."""

import json
import socket

from barque import __version__
from tests.cli.keyboard import answer, type_in


def findings(result):
    return {one["name"]: one for one in json.loads(result.stdout)["findings"]}


def test_a_sound_machine_is_said_to_be_so(empty_home):
    result = type_in("doctor")

    assert result.exit_code == 0, result.output
    assert all(line.startswith("OK") for line in result.stdout.splitlines())
    assert "Compile cache" in result.stdout


def test_a_missing_sample_is_found_and_what_to_do_said(empty_home, monkeypatch, tmp_path):
    monkeypatch.setenv("BARQUE_SAMPLE", str(tmp_path))

    result = type_in("doctor", "--json")

    sample = findings(result)["Sample"]
    assert result.exit_code == 1
    assert not sample["is_ok"]
    assert "BARQUE_SAMPLE" in sample["advice"]


def test_a_home_that_cannot_be_written_is_found(monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("BARQUE_HOME", str(file / "home"))

    result = type_in("doctor", "--json")

    assert result.exit_code == 1
    assert not findings(result)["Write home"]["is_ok"]


def test_a_taken_port_is_no_trouble_but_said(empty_home, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("BARQUE_PORT", str(port))
        result = type_in("doctor", "--json")

    assert f"{port} is taken; `barque up` takes" in findings(result)["Port"]["seen"]
    assert findings(result)["Port"]["is_ok"]


def test_the_versions_of_the_parts_are_told():
    versions = answer("version")

    assert versions["barque"] == __version__
    assert {"python", "numba", "numpy", "polars", "sqlalchemy"} <= set(versions)
    assert __version__ in type_in("version").stdout
