"""A catalog that was filled once, and for each test a home of its own on it."""

import pytest

from tests.cli.keyboard import REPOSITORY, type_in


@pytest.fixture(scope="session")
def sample_catalog(tmp_path_factory):
    """The bundled sample, imported by the command."""
    home = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BARQUE_HOME", str(home))
        result = type_in("data", "import", "--sample")
    assert result.exit_code == 0, result.output
    return home / "catalog"


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    """A home in which nothing was done yet; commands are typed in the repository."""
    home = tmp_path / "home"
    monkeypatch.setenv("BARQUE_HOME", str(home))
    monkeypatch.chdir(REPOSITORY)
    return home


@pytest.fixture
def home(empty_home, sample_catalog):
    """A home with the sample in its catalog and nothing else."""
    empty_home.mkdir()
    (empty_home / "catalog").symlink_to(sample_catalog)
    return empty_home
