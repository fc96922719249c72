"""The venues that bars can be asked of, and what each has to know how to do."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from barque.domain.errors import NotReady
from barque.domain.instruments import Instrument

ALPACA = "alpaca"

DEADLINE = 30.0
"""Seconds in which an answer must have come whole."""

US_EXCHANGES = ("XNAS", "XNYS", "ARCX", "XASE", "BATS")
"""Venues in an instrument's id whose bars Alpaca has."""

Row = Sequence[Any]
"""One bar as a venue tells it: milliseconds since 1970 of its open, then open, high, low, close
and volume. Nothing is examined yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bars are asked for: an instrument's id, its name at the venue and its kind, if said."""

    instrument: str
    symbol: str | None = None
    kind: str | None = None


class BarSource(Protocol):
    """A venue that sells no wrong bars: what it answers is examined elsewhere."""

    name: str
    page: int
    """The most bars of one answer."""

    def instrument(self, wanted: Wanted) -> Instrument:
        """Return what the venue says of an instrument; UnknownName if it has none such."""

    def bars(self, wanted: Wanted, period: str, since: int, count: int) -> list[Row]:
        """Return up to `count` bars that begin at `since` (milliseconds) or later, the first first.

        Raises Busy if it may be asked again, BadInput if it refuses.
        """


def source_name(instrument_id: str) -> str:
    """Return who is asked for an instrument where nobody says: by the venue in its id."""
    venue = instrument_id.rpartition(".")[2]
    return ALPACA if venue in US_EXCHANGES else venue.lower()


def open_source(
    name: str,
    url: str | None = None,
    environment: Mapping[str, str] = os.environ,
    deadline: float = DEADLINE,
) -> BarSource:
    """Return a venue to ask: `alpaca`, or an exchange that ccxt knows, as `binance`.

    `url` is another address of it, a proxy for example. Keys are read from the environment. Raises
    NotReady without the libraries or the keys, UnknownName for a venue that nobody knows.
    """
    try:
        if name == ALPACA:
            from barque.data.download.alpaca_bars import open_alpaca

            return open_alpaca(environment, url, deadline)
        from barque.data.download.ccxt_bars import open_exchange

        return open_exchange(name, url, deadline)
    except ModuleNotFoundError as error:
        library = (error.name or "a library").partition(".")[0]
        raise NotReady(
            f"Downloading needs {library}, which is not installed; `pip install 'barque[venues]'`."
        ) from error
