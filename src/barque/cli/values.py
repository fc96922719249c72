"""What people type, as numbers and times; what cannot be read is refused with its option's name."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from barque.domain.errors import BadInput
from barque.domain.exact import exact

if TYPE_CHECKING:
    from barque.data.importing.shapes.reading import Stamp

LARGEST_INT = 2**63 - 1


def decimal(option: str, text: str) -> Decimal:
    """Return an exact number; BadInput names the option."""
    return exact(option, text)


def optional_decimal(option: str, text: str | None) -> Decimal | None:
    """Return an exact number, or None if the option was left out."""
    return None if text is None else decimal(option, text)


def nanoseconds(option: str, text: str | None) -> int | None:
    """Return a day or a time, UTC unless it says otherwise, in nanoseconds; None if left out."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{option} is {text!r}; a day or a time is required, as 2010-01-31 or 2010-01-31T14:30."
        ) from error
    whole = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
    if abs(whole) > LARGEST_INT:
        raise BadInput(f"{option} is {text!r}; years from 1678 to 2261 can be counted.")
    return whole


def parameters(pairs: Iterable[str]) -> dict[str, int | float]:
    """Return NAME=VALUE pairs as numbers; the strategy checks the names and types."""
    found: dict[str, int | float] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"--set is {pair!r}; write NAME=VALUE, as fast=10.")
        if name in found:
            raise BadInput(f"--set gives {name} twice; give it once.")
        found[name] = _number(name, value)
    return found


def column_names(option: str, pairs: Iterable[str]) -> dict[str, str]:
    """Return pairs of a column's name and what is said of it; BadInput names the option."""
    found: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours or not theirs:
            raise BadInput(f"{option} is {pair!r}; write two words, as volume=tick_volume.")
        found[ours] = theirs
    return found


def bar_stamp(text: str | None) -> "Stamp | None":
    """Return which moment of a bar its time is; None if nobody says."""
    from barque.data.importing.shapes.reading import Stamp

    if text is None:
        return None
    if text not in set(Stamp):
        raise BadInput(f"--stamp is {text!r}; open or close is required.")
    return Stamp(text)


def _number(name: str, text: str) -> int | float:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            number: int | float = kind(text)
        except ValueError:
            continue
        if abs(number) <= LARGEST_INT:
            return number
    raise BadInput(f"--set gives {name} the value {text!r}; a finite number is required.")
