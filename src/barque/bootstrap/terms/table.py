"""One table of a terms file: its values by their names, and complaints that say where."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from barque.domain.errors import BadInput
from barque.domain.exact import exact, shown
from barque.research.terms import UNITS

LONGEST_TIME = 10**18


@dataclass(frozen=True, slots=True)
class Table:
    """Values by name. `source` is the file or option they come from, `path` the table's name."""

    source: str
    path: tuple[str, ...]
    values: Mapping[str, Any]

    def name(self, key: str = "") -> str:
        """Return where something is, as `terms.toml: fees.rate`."""
        path = [*self.path, *([key] if key else [])]
        return f"{self.source}: {'.'.join(map(_quoted, path))}" if path else self.source

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse any other key."""
        names = list(allowed)
        for key in self.values:
            if key not in names:
                close = get_close_matches(str(key), names, n=1)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                known = f"only {', '.join(names)} can be said" if names else "nothing can be said"
                raise BadInput(f"{self.name(str(key))} is not known here; {known}.{hint}")

    def number(self, key: str) -> Decimal:
        """Return an exact number, written as a number or in quotes."""
        seen = self.values[key]
        if isinstance(seen, bool) or not isinstance(seen, str | int | Decimal):
            raise self.wrong(key, 'a number such as 0.001 or "0.001" is required')
        return exact(self.name(key), seen)

    def whole(self, key: str) -> int:
        """Return a whole number."""
        number = self.number(key)
        if number != int(number):
            raise self.wrong(key, "a whole number is required")
        return int(number)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        seen = self.values[key]
        if not isinstance(seen, bool):
            raise self.wrong(key, "true or false is required")
        return seen

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        seen = self.values[key]
        if not isinstance(seen, str) or not seen:
            raise self.wrong(key, "a text in quotes is required")
        return seen

    def choice(self, key: str, names: Iterable[str]) -> str:
        """Return one of some names."""
        known = list(names)
        if key not in self.values:
            raise BadInput(f"{self.name(key)} is missing; choose one of {', '.join(known)}.")
        if self.values[key] not in known:
            raise self.wrong(key, f"choose one of {', '.join(known)}")
        return str(self.values[key])

    def time(self, key: str) -> int:
        """Return a length of time in nanoseconds, as "150ms" says it."""
        required = f'a time such as "150ms" is required, in one of {", ".join(UNITS)}'
        parts = re.fullmatch(r"([0-9.]{1,28}) ?([a-z]{1,2})", self.text(key))
        if parts is None or parts[2] not in UNITS:
            raise self.wrong(key, required)
        length = exact(self.name(key), parts[1]) * UNITS[parts[2]]
        if length > LONGEST_TIME or length != int(length):
            raise self.wrong(key, "it is counted in whole nanoseconds, at most 10^18")
        return int(length)

    def table(self, key: str) -> "Table":
        """Return a table within this one."""
        seen = self.values[key]
        if not isinstance(seen, Mapping):
            raise self.wrong(key, "a table is required")
        return Table(self.source, (*self.path, key), seen)

    def tables(self, key: str) -> list["Table"]:
        """Return a list of tables."""
        seen = self.values[key]
        if not isinstance(seen, list) or not all(isinstance(one, Mapping) for one in seen):
            raise self.wrong(
                key, f"a list of tables is required, as [[{'.'.join(self.path)}.{key}]]"
            )
        return [
            Table(self.source, (*self.path, f"{key} {k}"), one) for k, one in enumerate(seen, 1)
        ]

    def wrong(self, key: str, required: str) -> BadInput:
        """Return what is wrong with a value: what was seen, and what is required."""
        return BadInput(f"{self.name(key)} is {shown(self.values[key])}; {required}.")

    @contextmanager
    def said(self) -> Iterator[None]:
        """Add the place to what the values themselves complain about."""
        try:
            yield
        except BadInput as error:
            raise BadInput(f"{self.name()}: {error}") from error


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_ -]+", key) else shown(key).replace("'", '"')
