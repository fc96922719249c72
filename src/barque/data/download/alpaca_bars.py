"""Bars of US shares from Alpaca, as traded. Needs the extra `venues` and keys.

The keys are those of the environment, APCA_API_KEY_ID and APCA_API_SECRET_KEY, and are kept out of
every message. Daily bars are stamped with New York's midnight; shorter ones have times outside the
regular session too, as Alpaca has them.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from requests.exceptions import RequestException

from barque.data.download.patience import Busy
from barque.data.download.sources import DEADLINE, Row, Wanted
from barque.data.download.wire import BoundedAdapter
from barque.domain.errors import BadInput, CorruptData, NotReady
from barque.domain.instruments import Instrument, InstrumentKind

with warnings.catch_warnings():
    # Of a part that is not used here: its stream still imports what websockets will give up.
    warnings.filterwarnings("ignore", message="websockets", category=DeprecationWarning)
    from alpaca.common.exceptions import APIError
    from alpaca.data.enums import Adjustment
    from alpaca.data.historical.stock import StockHistoricalDataClient
    from alpaca.data.requests import StockBarsRequest
    from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

PAGE = 10_000
MOST_PAGES = 100
"""Of one answer: Alpaca may cut it into several, each with the name of the next."""

KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")

_UNITS = {"m": TimeFrameUnit.Minute, "h": TimeFrameUnit.Hour, "d": TimeFrameUnit.Day}
_PRICES = ("o", "h", "l", "c", "v")
_BUSY = (408, 429, 500, 502, 503, 504)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HIDDEN = "***"


class _Client(StockHistoricalDataClient):
    """Alpaca's own client, without its own way of asking again."""

    def __init__(self, key: str, secret: str, url: str | None, adapter: BoundedAdapter) -> None:
        super().__init__(key, secret, raw_data=True, url_override=url)
        self._retry = 0
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self.left = 0

    def get(self, path: str, data: Any = None, **how: Any) -> Any:
        """Ask for one page of an answer; its pages have an end."""
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"an answer of more than {MOST_PAGES} pages")
        return super().get(path, data, **how)


class AlpacaBars:
    """Alpaca, asked through alpaca-py."""

    name = "alpaca"
    page = PAGE

    def __init__(self, key: str, secret: str, url: str | None, deadline: float) -> None:
        self._secrets = (key, secret)
        self._adapter = BoundedAdapter(deadline)
        self._client = _Client(key, secret, url, self._adapter)

    def instrument(self, wanted: Wanted) -> Instrument:
        return Instrument(
            id=wanted.instrument,
            kind=InstrumentKind.EQUITY,
            currency="USD",
            price_digits=8,
            quantity_digits=0,
            tick=Decimal("0.01"),
            lot=Decimal(1),
            calendar="XNYS",
        )

    def bars(self, wanted: Wanted, period: str, since: int, count: int) -> list[Row]:
        symbol = wanted.symbol or wanted.instrument.rpartition(".")[0]
        request = StockBarsRequest(
            symbol_or_symbols=symbol,
            timeframe=_time_frame(period),
            start=_EPOCH + timedelta(milliseconds=since),
            limit=count,
            adjustment=Adjustment.RAW,
        )
        with self._told_in_words():
            self._client.left = MOST_PAGES
            found = self._client.get_stock_bars(request)
            bars = found.get(symbol) or []  # type: ignore[union-attr]  # raw data is a dictionary
            return [(_milliseconds(bar["t"]), *(bar[name] for name in _PRICES)) for bar in bars]

    @contextmanager
    def _told_in_words(self) -> Iterator[None]:
        try:
            yield
        except APIError as error:
            says, status = self._without_secrets(str(error)), error.status_code
            if status in _BUSY:
                raise Busy(f"{status} {says}", self._adapter.wait) from None
            raise BadInput(f"alpaca refuses, {status}: {says}") from None
        except ValueError as error:
            raise self._unreadable(error) from None
        except RequestException as error:
            raise Busy(self._without_secrets(str(error))) from None
        except (TypeError, KeyError, AttributeError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> CorruptData:
        says = self._without_secrets(f"{type(error).__name__} {error}")
        return CorruptData(f"alpaca answered with what cannot be read: {says}.")

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text.partition("\n")[0][:300]


def open_alpaca(
    environment: Mapping[str, str], url: str | None = None, deadline: float = DEADLINE
) -> AlpacaBars:
    """Return Alpaca with the keys of the environment; NotReady without them."""
    missing = [name for name in KEYS if not environment.get(name)]
    if missing:
        raise NotReady(
            f"Alpaca wants keys: set {' and '.join(missing)} in the environment, as its page says."
        )
    key, secret = (environment[name] for name in KEYS)
    return AlpacaBars(key, secret, url, deadline)


def _time_frame(period: str) -> TimeFrame:
    match = re.fullmatch(r"(\d+)([mhd])", period)
    try:
        assert match is not None, "seconds"
        return TimeFrame(int(match[1]), _UNITS[match[2]])
    except (AssertionError, ValueError) as error:
        raise BadInput(
            f"alpaca has no bars of {period}; it has 1m to 59m, 1h to 23h and 1d."
        ) from error


def _milliseconds(time: str) -> int:
    return (datetime.fromisoformat(time) - _EPOCH) // timedelta(milliseconds=1)
