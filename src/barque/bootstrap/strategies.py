"""Which strategies there are: those that come with Barque, and those in your own files."""

import inspect
import keyword
import pkgutil
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from barque.bootstrap.strategy_files import load_strategy, strategies_in
from barque.domain.errors import BadInput, UnknownName
from barque.strategies import Signals, Strategy, library

LIST_COMMAND = "barque strategy list"


@dataclass(frozen=True, slots=True)
class StrategyDescription:
    """What a strategy is called, how it is written, what it does and what can be set.

    `style` is signals (no order code), compiled (hooks as machine code) or plain (any Python).
    """

    name: str
    style: str
    summary: str
    parameters: dict[str, Any]


def find_strategy(name: str) -> type[Strategy]:
    """Return a strategy by the name of a built-in one, or by `path/to/file.py[:Class]`."""
    path, class_name = split_path(name)
    if path is not None:
        return load_strategy(path, class_name)
    modules = _library()
    plain = _snake(name)
    if plain not in modules:
        raise UnknownName("strategy", name, modules, LIST_COMMAND)
    return _only_strategy(plain)


def split_path(name: str) -> tuple[Path | None, str]:
    """Return the file and the class that a name stands for; no file for a built-in strategy."""
    path, colon, class_name = name.partition(":")
    if colon or path.endswith(".py") or "/" in path:
        return Path(path), class_name
    return None, ""


def list_strategies() -> list[StrategyDescription]:
    """Return what comes with Barque, sorted by name."""
    return [describe(name, _only_strategy(name)) for name in _library()]


def describe(name: str, strategy: type[Strategy]) -> StrategyDescription:
    """Return how a strategy is written, what it does and what can be set."""
    style = "compiled" if strategy.is_compiled else "plain"
    if issubclass(strategy, Signals):
        style = "signals"
    return StrategyDescription(name, style, _first_sentence(strategy), strategy.parameters())


def new_strategy(name: str, folder: Path) -> Path:
    """Write a commented strategy that runs at once, and return its file."""
    module = _snake(name)
    if not module.isidentifier() or keyword.iskeyword(module):
        raise BadInput(f"A strategy cannot be called {name!r}; use letters, digits and _.")
    file = folder / f"{module}.py"
    if file.exists():
        raise BadInput(f"{file} exists already. Choose another name, or remove it first.")
    folder.mkdir(parents=True, exist_ok=True)
    class_name = "".join(part.capitalize() for part in module.split("_"))
    template = Path(__file__).with_name("new_strategy.txt").read_text()
    file.write_text(template.replace("CLASS_NAME", class_name))
    return file


def _library() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(library.__path__))


def _only_strategy(name: str) -> type[Strategy]:
    found = strategies_in(import_module(f"{library.__name__}.{name}"))
    assert len(found) == 1, f"{name} defines {len(found)} strategies, not one"
    return next(iter(found.values()))


def _snake(name: str) -> str:
    """Return SmaCross, sma-cross and sma_cross alike as sma_cross."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _first_sentence(strategy: type[Strategy]) -> str:
    text = inspect.cleandoc(strategy.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]
