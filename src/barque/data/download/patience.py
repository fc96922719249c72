"""How often a venue that is busy is asked again.

After the seconds that it asks for, else after 1, 2, 4, 8 ... seconds. After TRIES questions, or if
it wants to be left alone for longer than LONGEST_WAIT, the download stops and says so; what has
come is in the catalog.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from barque.domain.errors import CannotContinue

TRIES = 5
LONGEST_WAIT = 120.0

Answer = TypeVar("Answer")


class Busy(Exception):
    """A venue did not answer now and may do so later; `wait` are the seconds it asks for."""

    def __init__(self, says: str, wait: float | None = None) -> None:
        super().__init__(says)
        self.wait = wait


def patiently(
    ask: Callable[[], Answer],
    venue: str,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Return the answer to a question; CannotContinue if the venue stays busy."""
    for attempt in range(1, TRIES + 1):
        try:
            return ask()
        except Busy as busy:
            wait = 2.0 ** (attempt - 1) if busy.wait is None else busy.wait
            if attempt == TRIES or wait > LONGEST_WAIT:
                raise _given_up(venue, busy, attempt, wait) from busy
            tell(f"{venue} is busy; asking again in {wait:g} s")
            sleep(wait)
    raise AssertionError("the loop returns or raises")


def _given_up(venue: str, busy: Busy, attempt: int, wait: float) -> CannotContinue:
    if wait > LONGEST_WAIT:
        says = f"{venue} wants to be asked again in {wait:,.0f} s, not before ({busy})."
    else:
        says = f"{venue} did not answer {attempt} times; the last time: {busy}."
    return CannotContinue(
        f"{says} What came is in the catalog; run this again to go on from there."
    )
