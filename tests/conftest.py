"""What all tests share: a compile cache of their own, how hard properties are tried, large data."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Numba numbers the files of a kernel's cache by reading the index first and writing it later. Two
# processes that save different signatures at once can each overwrite what the other points to, so
# every worker has a directory of its own. It is kept: the second run finds it warm.
_root = os.environ.setdefault(
    "BARQUE_TEST_CACHE", os.environ.get("BARQUE_CACHE") or str(Path.home() / ".cache" / "barque")
)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["BARQUE_CACHE"] = str(Path(_root) / "tests" / _worker)

# A kernel compiles inside the first example, so no example has a deadline.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
# For proof/planted_faults.py: it asks whether a test fails, not for the smallest example.
settings.register_profile(
    "planted", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of large market data that BARQUE_TEST_DATA names."""
    named = os.environ.get("BARQUE_TEST_DATA")
    if not named:
        pytest.skip("BARQUE_TEST_DATA is not set: this test reads the large market data")
    folder = Path(named).resolve()
    assert folder.is_dir(), f"BARQUE_TEST_DATA is {named}, which is not a folder"
    return folder
