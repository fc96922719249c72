"""A strategy's machine code is kept under all that it was compiled from, and under nothing else."""

import importlib.util
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from barque.domain.instruments import Instrument
from barque.engine.cache import content_key
from barque.engine.state import new_state
from barque.strategies.native import Layout
from tests.engine.histories import EQUITY

RULES = """
    import numpy as np
    from enum import Enum
    from numba import njit

    from barque.kernels.compile import JIT

    WHOLE = 3
    STEP = np.int64(7)
    TABLE = np.array([1.0, 2.0])
    PAIR = (1, 2.5)


    class Kind(Enum):
        FIRST = 1


    @njit(**JIT)
    def deepest(x):
        return x + WHOLE


    @njit(**JIT)
    def shift(x, by=1.0):
        return deepest(x) * by
"""

TRADER = """
    from rules import PAIR, STEP, TABLE, Kind, shift
    import outer
    from barque.strategies import Strategy, compiled


    class Parent(Strategy):
        def wanted(self, close):
            return 1.0


    @compiled
    class Trader(Parent):
        threshold: float = 2.0

        def on_start(self):
            self.bars = 0

        def on_bar(self, bar):
            self.bars += STEP
            if shift(bar.close) > self.threshold + TABLE[0] + PAIR[0] + outer.fee(1.0):
                if Kind.FIRST.value == 1:
                    self.buy(bar.instrument, self.wanted(bar.close))
"""

OUTER = """
    from inner import SHARE
    from numba import njit

    from barque.kernels.compile import JIT


    @njit(**JIT)
    def fee(x):
        return x * SHARE
"""

INNER = """
    SHARE = 0.001
"""

MODULES = {"inner": INNER, "outer": OUTER, "rules": RULES, "trader": TRADER}


@pytest.fixture(autouse=True)
def forget_modules(monkeypatch):
    # Python knows byte code by the second and the length of its source; an edit here is faster.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


def key(folder: Path, edit: tuple[str, str] = ("", "")) -> str:
    """The key of a strategy whose modules are as above, but for one edit."""
    old, new = edit
    assert not old or sum(dedent(text).count(old) for text in MODULES.values()) == 1
    for name, text in MODULES.items():
        text = dedent(text)
        (folder / f"{name}.py").write_text(text.replace(old, new) if old else text)
        module = load(folder, name)
    strategy = module.Trader()
    bind(strategy, [EQUITY])
    return content_key(Layout(strategy))


def load(folder: Path, name: str):
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def bind(strategy, instruments: list[Instrument]) -> None:
    state = new_state(instruments, cash=Decimal(1))
    strategy.bind(state.account, state.instruments, state.requests, instruments)


def test_the_same_source_has_the_same_key(tmp_path: Path) -> None:
    assert key(tmp_path) == key(tmp_path)


@pytest.mark.parametrize(
    "edit",
    [
        ("self.bars += STEP", "self.bars += STEP + 1"),
        ("return 1.0\n", "return 2.0\n"),
        ("self.bars = 0", "self.bars = 0.0"),
        ("deepest(x) * by", "deepest(x) / by"),
        ("return x + WHOLE", "return x - WHOLE"),
        ("WHOLE = 3", "WHOLE = 4"),
        ("STEP = np.int64(7)", "STEP = np.int64(8)"),
        ("TABLE = np.array([1.0, 2.0])", "TABLE = np.array([1.5, 2.0])"),
        ("PAIR = (1, 2.5)", "PAIR = (2, 2.5)"),
        ("by=1.0", "by=2.0"),
        ("FIRST = 1", "FIRST = 2"),
        ("x * SHARE", "x / SHARE"),
        ("SHARE = 0.001", "SHARE = 0.002"),
    ],
    ids=lambda edit: edit[1],
)
def test_a_change_in_anything_that_is_compiled_is_another_key(tmp_path: Path, edit) -> None:
    assert key(tmp_path, edit) != key(tmp_path)


def test_a_comment_and_a_parameters_default_do_not_compile_again(tmp_path: Path) -> None:
    sound = key(tmp_path)

    assert key(tmp_path, ("self.bars = 0", "self.bars = 0  # none yet")) == sound
    assert key(tmp_path, ("threshold: float = 2.0", "threshold: float = 3.0")) == sound


ASK = """
    import json
    from decimal import Decimal

    from barque.engine.engine import Engine
    from tests.engine.histories import history
    from tests.engine.test_recovery import CompiledRestless

    past = history(1, 1, 5)
    engine = Engine(CompiledRestless(), past.instruments, cash=Decimal(1000))
    engine.process(past.events)
    replay = engine._decider._loops.replay
    print(json.dumps([sum(replay.stats.cache_hits.values()),
                      sum(replay.stats.cache_misses.values())]))
"""


def test_a_second_process_loads_the_loop_and_does_not_compile_it() -> None:
    first = ran(ASK)
    second = ran(ASK.replace("CompiledRestless()", "CompiledRestless(quantity=6.0)"))

    assert sum(first) == 1  # compiled, or loaded where an earlier run of the tests left it
    assert second == [1, 0]


def ran(source: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", dedent(source)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
