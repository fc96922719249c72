"""The compile cache is named by what it depends on: a stale kernel never runs."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import llvmlite.binding as llvm
import pytest

import barque

CALLER = """
    from numba import njit

    from barque.kernels.compile import JIT
    from barque.kernels.probe_fee import fee


    @njit(**JIT)
    def cost(notional):
        return notional + fee(notional)
"""

CALLEE = """
    from numba import njit

    from barque.kernels.compile import JIT


    @njit(**JIT)
    def fee(notional):
        return notional // {share}
"""

ASK = """
    import json

    from barque.kernels.compile import cache_directory
    from barque.kernels.probe_cost import cost

    print(json.dumps({
        "cost": cost(1000),
        "directory": str(cache_directory()),
        "loaded": sum(cost.stats.cache_hits.values()),
        "compiled": sum(cost.stats.cache_misses.values()),
    }))
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the package whose kernels may be edited, with a compile cache beside it."""

    folder: Path

    def write(self, module: str, source: str) -> None:
        path = self.folder / "barque" / "kernels" / f"{module}.py"
        path.write_text(dedent(source))

    def run(self, source: str, **environment: str) -> str:
        """What a fresh process prints that runs `source` against this copy."""
        cleared = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
        places = {"PYTHONPATH": str(self.folder), "BARQUE_CACHE": str(self.folder / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", dedent(source)],
            env=cleared | places | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def ask(self) -> dict[str, object]:
        return json.loads(self.run(ASK))

    def directory(self, **environment: str) -> str:
        source = "from barque.kernels.compile import cache_directory; print(cache_directory())"
        return self.run(source, **environment)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    package = Path(barque.__file__).parent
    shutil.copytree(package, tmp_path / "barque", ignore=shutil.ignore_patterns("__pycache__"))
    copy = Copy(tmp_path)
    copy.write("probe_cost", CALLER)
    copy.write("probe_fee", CALLEE.format(share=100))
    return copy


def test_an_edited_callee_in_another_file_is_seen(copy: Copy) -> None:
    before = copy.ask()

    copy.write("probe_fee", CALLEE.format(share=50))
    after = copy.ask()

    assert (before["cost"], after["cost"]) == (1010, 1020)
    assert before["directory"] != after["directory"]


def test_unchanged_kernels_are_loaded_and_not_compiled_again(copy: Copy) -> None:
    first = copy.ask()
    second = copy.ask()

    assert (first["loaded"], first["compiled"]) == (0, 1)
    assert (second["loaded"], second["compiled"]) == (1, 0)
    assert second["directory"] == first["directory"]


def test_a_change_outside_the_compiled_rooms_keeps_the_cache(copy: Copy) -> None:
    before = copy.directory()

    (copy.folder / "barque" / "bootstrap.py").write_text("# nothing that is compiled\n")

    assert copy.directory() == before


def test_a_cpu_without_stated_features_is_not_this_machines_cpu(copy: Copy) -> None:
    here = llvm.get_host_cpu_features().flatten()

    plain = copy.directory(NUMBA_CPU_NAME="x86-64-v2", NUMBA_CPU_FEATURES="")
    native = copy.directory(NUMBA_CPU_NAME="x86-64-v2", NUMBA_CPU_FEATURES=here)

    assert plain != native
