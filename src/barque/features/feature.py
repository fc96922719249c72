"""What every feature has: a name, its whole-number parameters and its needs."""

import re
from dataclasses import astuple, dataclass
from typing import ClassVar

from barque.domain.errors import BadInput
from barque.features.program import LONGEST_WINDOW, Op


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about an instrument, known at the close of a bar from that bar and older ones."""

    op: ClassVar[Op]
    memory: ClassVar[int] = 0
    """Floats it keeps between bars, besides the rings all features share."""

    @property
    def name(self) -> str:
        """What reports and models call it, for example `momentum_120_5`."""
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()
        return "_".join([words, *map(str, self.parameters)])

    @property
    def parameters(self) -> tuple[int, ...]:
        return astuple(self)

    @property
    def warmup(self) -> int:
        """Bars until it is known; before that it is NaN."""
        return 1

    @property
    def lookback(self) -> int:
        """Bars it reads, this one included."""
        return self.warmup

    def require(self, name: str, value: int, least: int, most: int = LONGEST_WINDOW) -> None:
        """Refuse a parameter that is not a whole number between `least` and `most`."""
        if type(value) is not int or not least <= value <= most:
            raise BadInput(
                f"{type(self).__name__}: {name} is {value!r}; "
                f"it must be a whole number from {least} to {most}."
            )


@dataclass(frozen=True, slots=True)
class WindowFeature(Feature):
    """A feature of the last `window` bars."""

    window: int
    least: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self.require("window", self.window, self.least)

    @property
    def warmup(self) -> int:
        return self.window


@dataclass(frozen=True, slots=True)
class ChangeFeature(WindowFeature):
    """A feature of the last `window` changes from one close to the next."""

    @property
    def warmup(self) -> int:
        return self.window + 1
