"""For each test a home of its own, in which nothing was done yet."""

import pytest


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("BARQUE_HOME", str(folder))
    return folder
