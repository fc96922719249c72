"""Cost models of one's own: a function in a Python file, as `fees.py:name`."""

import inspect
from collections.abc import Callable
from pathlib import Path

from numba import cfunc
from numba.core.errors import NumbaError

from barque.bootstrap.compile_errors import cause_of
from barque.bootstrap.strategy_files import import_file
from barque.domain.errors import BadInput, UnknownName
from barque.domain.exact import shown

MODULE = "barque_terms_file"
"""What such a file is called as a module: another than that of a strategy's file."""

FEE = "float64(float64, float64, float64, boolean)"
SLIPPAGE = "float64(float64, float64, float64, float64, float64)"
"""What Numba makes of `domain.costs.OwnFeeFunction` and `OwnSlippageFunction`."""


def own_function(text: str, folder: Path, signature: str) -> Callable[..., float]:
    """Return the function that `path/to/file.py:name` stands for, seen from `folder`.

    BadInput if it is not there or cannot be compiled.
    """
    path, colon, name = text.rpartition(":")
    if not colon or not path or not name:
        raise BadInput(f"{text!r} names no function; write path/to/file.py:name.")
    file = folder / path
    try:
        module = import_file(file.resolve(), MODULE)
    except (OSError, ValueError) as error:
        raise BadInput(f"{shown(path)} is no file that can be read: {error}.") from error
    functions = {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and thing.__module__ == MODULE
    }
    if name not in functions:
        raise UnknownName(f"function in {file}", name, functions, f"grep def {file}")
    _compile(functions[name], file, signature)
    return functions[name]


def _compile(function: Callable[..., float], file: Path, signature: str) -> None:
    """Compile it once, so that what cannot be is said with its name."""
    try:
        cfunc(signature)(function)
    except (NumbaError, TypeError) as error:
        raise BadInput(
            f"{file}:{function.__name__} cannot be compiled: {cause_of(error)}. It takes and "
            "returns numbers, and may use what compiled strategies may."
        ) from error
