"""All that an engine knows between two slices, as arrays: taken out of one, put into another.

Only the memory of a compiled strategy can be taken: machine code keeps nothing but the numbers and
arrays of its object. What ordinary Python remembers may be anywhere.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies.native import Layout
from barque.strategies.strategy import Strategy

Memory = Mapping[str, NDArray[Any]]
"""The account's arrays by their names in `State`, the strategy's attributes as `strategy.NAME`."""

STATE = ("account", "instruments", "orders")
"""What lasts from slice to slice; requests, records, offer and curve are empty in between."""

BOUND = ("_account", "_instruments", "_requests")
"""The account as its strategy sees it."""

ADDRESSES = [at.FEE_FUNCTION, at.SLIPPAGE_FUNCTION]
"""The columns of an instrument that each process has its own numbers in."""

RULES = [*range(at.NOTIONAL_DIVISOR, at.POSITION), *range(at.PRICE_SCALE, at.FEE_FUNCTION)]
"""The columns of an instrument that no event changes."""

ACCOUNT_RULES = slice(at.CURRENCIES, at.ACCOUNT_WIDTH)
"""The columns of an account that no event changes."""


def memory_of(engine: Engine) -> Memory | None:
    """Return a copy of all that an engine knows; None if its strategy is ordinary Python."""
    if not engine.strategy.is_compiled:
        return None
    state, strategy = engine.state, engine.strategy
    counts = state.account[[at.REQUEST_COUNT, at.RECORD_COUNT, at.CURVE_COUNT]]
    assert not counts.any(), "an engine's memory is whole only between two slices"
    known = {name: getattr(state, name).copy() for name in STATE}
    known |= {f"strategy.{name}": value for name, value in _attributes(strategy).items()}
    return known


def remember(engine: Engine, memory: Memory) -> None:
    """Let a fresh engine know what `memory_of` another one returned, as if it had lived its life.

    Raises BadInput, and changes nothing, unless both were made alike: the same code is for the
    caller to see to, the same attributes, parameters, costs and limits are seen to here.
    """
    _check_alike(engine, memory)
    addresses = engine.state.instruments[:, ADDRESSES]
    for name in STATE:
        getattr(engine.state, name)[...] = memory[name]
    engine.state.instruments[:, ADDRESSES] = addresses
    for name in _attributes(engine.strategy):
        _set_attribute(engine.strategy, name, memory[f"strategy.{name}"])


def _attributes(strategy: Strategy) -> dict[str, NDArray[Any]]:
    """Return a copy of everything that machine code can reach of a strategy, by attribute."""
    layout = Layout(strategy)
    ints, floats, arrays = layout.read(strategy)
    found = {name: array.copy() for name, array in zip(layout.arrays, arrays, strict=True)}
    found |= {name: np.array(value) for name, value in zip(layout.ints, ints, strict=True)}
    found |= {name: np.array(value) for name, value in zip(layout.floats, floats, strict=True)}
    return {name: value for name, value in found.items() if name not in BOUND}


def _set_attribute(strategy: Strategy, name: str, value: NDArray[Any]) -> None:
    own = getattr(strategy, name)
    if isinstance(own, np.ndarray):
        own[...] = value  # in place: other attributes may look at the same numbers
    else:
        setattr(strategy, name, value.item())


def _check_alike(engine: Engine, memory: Memory) -> None:
    fresh = memory_of(engine)
    if fresh is None:
        raise BadInput(f"{type(engine.strategy).__name__} is ordinary Python and keeps no memory.")
    if memory.keys() != fresh.keys():
        names = ", ".join(sorted(memory.keys() ^ fresh.keys()))
        raise BadInput(f"A memory and an engine do not both have {names}; live the past again.")
    for name, own in fresh.items():
        if (memory[name].dtype, memory[name].shape) != (own.dtype, own.shape):
            raise _unlike(name)
    if not np.array_equal(memory["instruments"][:, RULES], fresh["instruments"][:, RULES]):
        raise _unlike("instruments")
    if not np.array_equal(memory["account"][ACCOUNT_RULES], fresh["account"][ACCOUNT_RULES]):
        raise _unlike("account")
    for parameter in engine.strategy.parameters():
        name = f"strategy.{parameter}"
        if memory[name].tobytes() != fresh[name].tobytes():
            raise _unlike(name)


def _unlike(name: str) -> BadInput:
    return BadInput(f"A memory has another {name} than the engine; live the past again.")
