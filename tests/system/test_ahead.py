"""What `barque up` compiles while it imports and learns is what trading needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.runs import barque, environment

pytestmark = pytest.mark.system


def compiled_for_trading(cache: Path) -> set[str]:
    """Return the machine code of the engine and of the loops of strategies."""
    files = cache.rglob("*.nbc")
    return {file.name for file in files if file.parent.name.startswith("engine_")}


def test_what_an_account_trades_with_is_compiled_ahead(undisturbed: Path, tmp_path: Path) -> None:
    settings = {**environment(undisturbed), "BARQUE_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "barque.bootstrap.ahead"], env=settings, check=True)
    ahead = compiled_for_trading(tmp_path)

    done = barque(undisturbed, "verify", "parity", BARQUE_CACHE=str(tmp_path))

    assert done.returncode == 0
    assert ahead
    assert compiled_for_trading(tmp_path) == ahead
