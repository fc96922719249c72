"""Where a strategy's machine code is kept: a folder named by everything it was compiled from.

Numba keys its disk cache by one file's time stamp and, for closures, by a number that changes
with each process. Here the key is the content: the strategy's class, every function, module and
constant it reaches outside the installed libraries, and the layout of its attributes.
"""

import hashlib
import inspect
import sysconfig
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

from barque.kernels.compile import cache_directory
from barque.strategies.native import Layout
from barque.strategies.strategy import Strategy

LIBRARIES = Path(sysconfig.get_path("purelib")).resolve()
STANDARD = Path(sysconfig.get_path("stdlib")).resolve()
HOUSE = Path(__file__).resolve().parents[1]


def keep_on_disk(loop: Any, layout: Layout) -> None:
    """Cache a compiled loop under the content it was made from."""
    loop._cache = _ContentCache(loop.py_func, content_key(layout))


def content_key(layout: Layout) -> str:
    """Return a hash of all that a strategy's machine code depends on, besides the product."""
    digest = hashlib.sha256(layout.describe().encode())
    seen: set[int] = set()
    for owner in layout.owner.__mro__:
        if issubclass(owner, Strategy):
            for part in _class_parts(owner, seen):
                digest.update(part + b"\0")
    return digest.hexdigest()[:20]


class _ContentCache(FunctionCache):  # type: ignore[misc]  # Numba has no types
    """Numba's function cache, keyed by content instead of by process."""

    def __init__(self, function: FunctionType, key: str) -> None:
        self._key = key
        super().__init__(function)
        path = cache_directory() / "strategies" / key
        self._impl.locator._cache_path = str(path)
        self._cache_path = str(path)
        self._cache_file._cache_path = str(path)
        self._cache_file._index_path = str(path / Path(self._cache_file._index_path).name)

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        return (signature, codegen.magic_tuple(), self._key)


def _class_parts(owner: type, seen: set[int]) -> Iterator[bytes]:
    # Cached machine code names the module it came from: the same text elsewhere is other code.
    yield f"{owner.__module__}.{owner.__qualname__}".encode()
    for name, value in sorted(vars(owner).items()):
        if isinstance(value, FunctionType):
            yield name.encode()
            yield from _function_parts(value, seen)


def _function_parts(function: FunctionType, seen: set[int]) -> Iterator[bytes]:
    if id(function) in seen or _is_house_or_library(inspect.getfile(function)):
        return
    seen.add(id(function))
    yield function.__module__.encode()
    for code in _codes(function.__code__):
        yield from _code_parts(code)
    yield from _value_parts(function.__defaults__, seen)
    for name, value in sorted(_reached(function).items()):
        yield name.encode()
        yield from _value_parts(value, seen)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a function and of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _code_parts(code: CodeType) -> Iterator[bytes]:
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            yield repr(constant).encode()


def _reached(function: FunctionType) -> dict[str, Any]:
    """Return the values outside a function that it, or a function inside it, can name."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    outside = function.__globals__
    reached = {name: outside[name] for name in names if name in outside}
    return reached | dict(inspect.getclosurevars(function).nonlocals)


def _value_parts(value: Any, seen: set[int]) -> Iterator[bytes]:
    """Yield what a value that machine code may hold consists of; other values it cannot hold."""
    if isinstance(value, Dispatcher):
        value = value.py_func
    if isinstance(value, FunctionType):
        yield from _function_parts(value, seen)
    elif isinstance(value, ModuleType):
        yield from _module_parts(value, seen)
    elif isinstance(value, tuple):
        for part in value:
            yield from _value_parts(part, seen)
    elif isinstance(value, np.ndarray):
        yield repr((value.dtype, value.shape)).encode() + value.tobytes()
    elif isinstance(value, EnumType):
        members: dict[str, Any] = dict(value.__members__)
        yield repr([(name, member.value) for name, member in members.items()]).encode()
    elif isinstance(value, int | float | complex | str | bytes | np.generic | type(None)):
        yield repr(value).encode()


def _module_parts(module: ModuleType, seen: set[int]) -> Iterator[bytes]:
    source = getattr(module, "__file__", None)
    if id(module) in seen or not source or _is_house_or_library(source):
        return
    seen.add(id(module))
    for name, value in sorted(vars(module).items()):
        if not name.startswith("__"):
            yield name.encode()
            yield from _value_parts(value, seen)


def _is_house_or_library(source: str) -> bool:
    """The product's own sources already name the cache directory; libraries by their versions."""
    path = Path(source).resolve()
    return any(path.is_relative_to(root) for root in (LIBRARIES, STANDARD, HOUSE))
