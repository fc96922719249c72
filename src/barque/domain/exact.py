"""Exact numbers out of what people write."""

from decimal import Decimal, InvalidOperation

from barque.domain.errors import BadInput

LARGEST_EXPONENT = 18
MOST_DIGITS = 28


def exact(name: str, seen: str | int | Decimal) -> Decimal:
    """Return an exact number below 10^18; BadInput says what is called `name` and what was seen."""
    try:
        number = Decimal(seen.replace("_", "") if isinstance(seen, str) else seen)
    except InvalidOperation:
        number = Decimal("NaN")
    # By its exponent: an operation on a number like 1E999999 would overflow.
    is_countable = number.is_finite() and number.adjusted() < LARGEST_EXPONENT
    if not is_countable or len(number.as_tuple().digits) > MOST_DIGITS:
        raise BadInput(
            f"{name} is {shown(seen)}; a number such as 0.001 or 250000 is required, below 10^18 "
            f"and with at most {MOST_DIGITS} digits."
        )
    return number


def shown(seen: object, most: int = 60) -> str:
    """Return what was seen as one short line."""
    if isinstance(seen, int) and abs(seen) >= 10**most:
        return "an integer beyond all bounds"  # Python refuses to write out the longest
    text = str(seen) if isinstance(seen, Decimal) else repr(seen)
    return text if len(text) <= most else f"{text[: most - 3]}..."
