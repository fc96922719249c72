"""Every knob is read from its variable, and a bad one is named."""

from pathlib import Path

import pytest

from barque.domain.errors import BadInput
from barque.settings import Settings, read_settings
from tests.cli.keyboard import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "guides" / "command-line.md").read_text()


def test_without_variables_everything_has_a_default(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BARQUE_{name.upper()}", raising=False)

    settings = read_settings()

    assert settings.home == Path(".barque")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.sample / "datasets.toml").is_file()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BARQUE_PORT", "0"),
        ("BARQUE_PORT", "65536"),
        ("BARQUE_PORT", "http"),
        ("BARQUE_PACE", "-1"),
        ("BARQUE_PACE", "nan"),
        ("BARQUE_PACE", "inf"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)

    with pytest.raises(BadInput, match=f"{variable} is '{value}'"):
        read_settings()


def test_the_guide_lists_every_variable():
    for name in Settings.model_fields:
        assert f"`BARQUE_{name.upper()}`" in GUIDE
