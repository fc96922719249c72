from pathlib import Path

from benchmarks import environments


def test_pins_of_the_core_are_the_locked_versions_without_hashes(tmp_path):
    lock = (environments.REPOSITORY / "requirements.lock").read_text()

    pins = environments._without_hashes(lock).splitlines()

    assert len(pins) > 50
    assert all("==" in pin and "--hash" not in pin and "\\" not in pin for pin in pins)


def test_measured_processes_know_nothing_of_the_user(monkeypatch):
    monkeypatch.setenv("A_SECRET", "secret")

    known = environments.variables(Path("cache"), "vnpy")

    assert "A_SECRET" not in known
    assert "PYTHONPATH" not in known
    assert known["HOME"] == str(environments.HOME)
