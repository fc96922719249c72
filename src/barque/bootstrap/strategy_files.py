"""Strategies in somebody's own file: found, imported, and blamed in words when they fail."""

import inspect
import sys
import traceback
from difflib import get_close_matches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from barque.domain.errors import BadInput, BarqueError, UnknownName
from barque.strategies import Strategy

MODULE = "barque_strategy_file"
"""What every such file is called as a module. Machine code on disk names its module and is found
by content: a file that was copied or renamed must find its own."""


def load_strategy(path: Path, name: str = "") -> type[Strategy]:
    """Return the strategy class of a Python file; `name` says which, if there are several."""
    found = strategies_in(import_file(path, MODULE))
    if name:
        if name not in found:
            raise UnknownName(f"strategy in {path}", name, found, f"grep class {path}")
        return found[name]
    if not found:
        raise BadInput(
            f"{path} has no strategy; write a class that inherits from barque.strategies.Strategy."
        )
    if len(found) > 1:
        raise BadInput(
            f"{path} has {len(found)} strategies: {', '.join(found)}. Choose one, as "
            f"{path}:{next(iter(found))}."
        )
    return next(iter(found.values()))


def strategies_in(module: ModuleType) -> dict[str, type[Strategy]]:
    """Return the strategies a module defines itself, by name, in the order of their lines."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isclass(thing)
        and issubclass(thing, Strategy)
        and thing.__module__ == module.__name__
        and not name.startswith("_")
    }


def failure(error: BaseException, path: Path) -> BadInput | None:
    """Return in words what failed in a strategy's file; None if the fault is not in that file."""
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, BarqueError):
        cause = str(error)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path.resolve())
    ]
    if not frames:
        return None
    place = f"{path}, line {frames[-1].lineno}"
    if frames[-1].name != "<module>":
        place += f", in {frames[-1].name}"
    return BadInput(f"{place}: {cause}")


def import_file(path: Path, name: str) -> ModuleType:
    """Return a Python file as the module `name`; BadInput says what fails in it, and where."""
    if not path.is_file():
        raise BadInput(f"There is no file {path}.{_similar(path)}")
    if path.suffix != ".py":
        raise BadInput(f"{path} is not a Python file; the name of one ends in .py.")
    file = path.resolve()
    # As Python does for a script: its folder's modules can be imported.
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _import_failure(error, path) from error
    return module


def _import_failure(error: BaseException, path: Path) -> BadInput:
    if isinstance(error, SyntaxError) and error.filename == str(path.resolve()):
        return BadInput(f"{path}, line {error.lineno}: {error.msg}. Mend that line.")
    return failure(error, path) or BadInput(f"{path} cannot be imported: {error}.")


def _similar(path: Path) -> str:
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = [file.name for file in path.parent.glob("*.py")]
    close = get_close_matches(path.name, names, n=1)
    return f" Did you mean {path.parent / close[0]}?" if close else ""
