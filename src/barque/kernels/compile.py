"""How the product's kernels are compiled, and where the result is kept.

Numba's disk cache does not notice a change in a callee that lives in another file, so the cache
directory is named by everything a kernel depends on: the sources of every room with compiled
code, the versions of Numba, llvmlite and NumPy, and the CPU. A changed byte is a new directory.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from llvmlite import binding as llvm
from numba import njit, types

COMPILED_ROOMS = ("domain", "kernels", "features", "models", "risk", "strategies", "engine")

JIT = {"cache": True, "error_model": "numpy", "forceinline": True, "_nrt": False}
"""Without reference counting, which forbids allocation inside and is ten times faster."""

INNER = {**JIT, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""For functions that only compiled code calls: not made callable from Python, which halves the
time they take to compile."""


def called(function: Callable[..., Any]) -> Any:
    """Compile a function that few events need: called instead of inlined, and compiled once.

    That leaves the loop that every bar runs through small. Only compiled code can call it. Numba
    by itself would compile it again for each constant that it is given.
    """
    dispatcher = njit(**(INNER | {"forceinline": False}))(function)
    template = dispatcher.get_call_template

    def for_any_number(args: Iterable[types.Type], kws: Mapping[str, types.Type]) -> Any:
        plain = {name: types.unliteral(kind) for name, kind in kws.items()}
        return template(tuple(map(types.unliteral, args)), plain)

    dispatcher.get_call_template = for_any_number
    return dispatcher


def cache_directory() -> Path:
    """Return the directory that holds the machine code of exactly these sources on this CPU."""
    root = os.environ.get("BARQUE_CACHE") or Path.home() / ".cache" / "barque"
    return Path(root) / "kernels" / _fingerprint()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for part in _environment():
        digest.update(part.encode() + b"\0")
    for source in _sources():
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:20]


def _environment() -> tuple[str, ...]:
    cpu = numba.config.CPU_NAME or llvm.get_host_cpu_name()
    features = numba.config.CPU_FEATURES
    if features is None:  # an empty text is a choice: what the named CPU has, and no more
        features = llvm.get_host_cpu_features().flatten()
    python = ".".join(map(str, sys.version_info[:2]))
    versions = (numba.__version__, llvmlite.__version__, np.__version__)
    checks = str(numba.config.BOUNDSCHECK)
    return (python, platform.machine(), cpu, features, checks, *versions)


def _sources() -> list[Path]:
    package = Path(__file__).resolve().parents[1]
    return sorted(source for room in COMPILED_ROOMS for source in (package / room).rglob("*.py"))


numba.config.CACHE_DIR = str(cache_directory())
