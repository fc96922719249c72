"""Which points a sweep has: a grid of parameters, or points that a seeded chance draws from it.

A point is named by its number, and its parameters are worked out from that: a million points take
no more memory than ten, but for eight bytes each where they are drawn from a grid.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from barque.domain.errors import BadInput, UnknownName
from barque.kernels.arrays import FloatArray, IntArray

MOST_POINTS = 1_000_000
MOST_VALUES = 10_000
LARGEST = 2**53
"""Above it not every whole number is a float."""

Value = int | float


@dataclass(frozen=True, slots=True)
class Axis:
    """The values one parameter takes, ascending. Without `values`, any number from `low` to `high`.

    Whole numbers without a step are all there are between the two.
    """

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Space:
    """The points of a sweep: the whole grid, or `draws` of them."""

    axes: tuple[Axis, ...]
    draws: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _check(self)

    def __len__(self) -> int:
        return self.size if self.draws is None else min(self.draws, self.size)

    @property
    def is_grid(self) -> bool:
        """Whether every combination of values is a point."""
        return self.draws is None

    @property
    def size(self) -> int:
        """How many combinations there are; MOST_POINTS or more where an axis has no steps."""
        return math.prod(len(axis.values) or LARGEST for axis in self.axes)

    def point(self, number: int) -> dict[str, Value]:
        """Return the parameters of a point; numbers begin at 0."""
        if self.is_continuous:
            return self._drawn(number)
        places = self.places(number)
        return {axis.name: axis.values[k] for axis, k in zip(self.axes, places, strict=True)}

    def places(self, number: int) -> tuple[int, ...]:
        """Return which of its values each axis has at a point of a space with steps."""
        rest = number if self.is_grid else int(self._chosen[number])
        found = []
        for axis in reversed(self.axes):
            rest, place = divmod(rest, len(axis.values))
            found.append(place)
        return tuple(reversed(found))

    def number_of(self, places: Sequence[int]) -> int:
        """Return the number of a point of a grid."""
        number = 0
        for axis, place in zip(self.axes, places, strict=True):
            number = number * len(axis.values) + place
        return number

    def around(self, number: int) -> list[int]:
        """Return the points of a grid at most one step away on every axis, itself included."""
        ranges = [
            range(max(0, place - 1), min(len(axis.values), place + 2))
            for axis, place in zip(self.axes, self.places(number), strict=True)
        ]
        return [self.number_of(places) for places in product(*ranges)]

    def position(self, number: int) -> FloatArray:
        """Return where a point lies on each axis, from 0 to 1."""
        found = np.zeros(len(self.axes))
        for k, (axis, value) in enumerate(zip(self.axes, self.point(number).values(), strict=True)):
            if axis.values:
                found[k] = axis.values.index(value) / max(1, len(axis.values) - 1)
            else:
                found[k] = (value - axis.low) / (axis.high - axis.low)
        return found

    @property
    def is_continuous(self) -> bool:
        """Whether some axis has no steps."""
        return any(not axis.values for axis in self.axes)

    @cached_property
    def _chosen(self) -> IntArray:
        """Which points of the grid were drawn, each at most once."""
        chance = np.random.default_rng(self.seed)
        return chance.choice(self.size, len(self), replace=False)

    def _drawn(self, number: int) -> dict[str, Value]:
        chance = np.random.default_rng((self.seed, number))
        return {
            axis.name: axis.values[chance.integers(len(axis.values))]
            if axis.values
            else float(chance.uniform(axis.low, axis.high))
            for axis in self.axes
        }


def read_space(
    vary: Sequence[str], known: Mapping[str, Any], draws: int | None = None, seed: int = 0
) -> Space:
    """Return the space that people write as fast=5:50:5, slow=20,50,100 or stop=0.01:0.1.

    FROM:TO:STEP includes TO; FROM:TO is every whole number between them, or, for a parameter with
    decimals, any number, which can only be drawn. `known` are the parameters and their defaults.
    """
    axes = [_axis(text, known) for text in vary]
    return Space(tuple(axes), draws, seed)


def _axis(text: str, known: Mapping[str, Any]) -> Axis:
    name, equals, said = text.partition("=")
    if not equals or not said:
        raise BadInput(f"--vary is {text!r}; write NAME=FROM:TO:STEP or NAME=A,B,C.")
    if name not in known:
        raise UnknownName("parameter", name, known, "barque strategy list")
    is_whole = isinstance(known[name], int)
    parts = [_number(text, part) for part in said.split(":" if ":" in said else ",")]
    if ":" not in said:
        return Axis(name, _values(text, parts, is_whole))
    if len(parts) not in (2, 3) or parts[0] > parts[1]:
        raise BadInput(f"--vary is {text!r}; FROM:TO or FROM:TO:STEP is required, FROM below TO.")
    if len(parts) == 2 and not is_whole:
        if parts[0] == parts[1]:
            raise BadInput(f"--vary is {text!r}: that is one number; give it by --set.")
        return Axis(name, (), float(parts[0]), float(parts[1]))
    step = parts[2] if len(parts) == 3 else Decimal(1)
    if step <= 0:
        raise BadInput(f"--vary is {text!r}; a step is more than 0.")
    count = int((parts[1] - parts[0]) / step) + 1
    _check_count(text, count)
    return Axis(name, _values(text, [parts[0] + step * k for k in range(count)], is_whole))


def _values(text: str, numbers: Sequence[Decimal], is_whole: bool) -> tuple[Value, ...]:
    _check_count(text, len(numbers))
    if is_whole and any(number != int(number) for number in numbers):
        raise BadInput(f"--vary is {text!r}; this parameter takes whole numbers.")
    if len(set(numbers)) < len(numbers):
        raise BadInput(f"--vary is {text!r}; a value stands there twice.")
    return tuple(int(number) if is_whole else float(number) for number in sorted(numbers))


def _number(text: str, part: str) -> Decimal:
    try:
        number = Decimal(part)
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 15 or abs(number) > LARGEST:
        raise BadInput(f"--vary is {text!r}; {part!r} is not a number that can be used.")
    return number


def _check_count(text: str, count: int) -> None:
    if count > MOST_VALUES:
        raise BadInput(f"--vary is {text!r}: {count:,} values; at most {MOST_VALUES:,} can be.")


def _check(space: Space) -> None:
    names = [axis.name for axis in space.axes]
    if not names or len(set(names)) < len(names):
        raise BadInput(
            "A sweep varies at least one parameter, and each once: --vary fast=5:50:5, for example."
        )
    if space.draws is not None and not 1 <= space.draws <= MOST_POINTS:
        raise BadInput(f"{space.draws} points are to be drawn; from 1 to {MOST_POINTS:,} can be.")
    if space.draws is None and space.is_continuous:
        raise BadInput(
            "A parameter with decimals needs a step, as 0.01:0.1:0.01, or --random N to draw from."
        )
    if space.draws is None and space.size > MOST_POINTS:
        raise BadInput(
            f"That are {space.size:,} points; a sweep has at most {MOST_POINTS:,}. Give larger "
            "steps, or draw some of them by --random N."
        )
    if not space.is_continuous and space.size > 2**62:
        raise BadInput("That are more combinations than can be counted. Give larger steps.")
