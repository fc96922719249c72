"""Bars of the exchanges that ccxt knows. Needs the extra `venues`, and no keys.

ccxt keeps to each exchange's rate limit by itself.
"""

from decimal import Decimal
from typing import Any

import ccxt

from barque.data.download.patience import Busy
from barque.data.download.sources import DEADLINE, Row, Wanted
from barque.data.download.wire import BoundedAdapter, at_host
from barque.domain.errors import BadInput, CorruptData, UnknownName
from barque.domain.instruments import Instrument, InstrumentKind

PAGE = 1_000

TYPES = {"spot": InstrumentKind.SPOT, "swap": InstrumentKind.PERPETUAL}
"""ccxt's types of markets, and our names for them; where nobody says, the first that fits."""

PERPETUAL = "-PERP"
"""How the symbol of a perpetual ends where a spot market has the same name."""

HELP = "barque data download --help"


class CcxtBars:
    """One exchange, asked through ccxt."""

    page = PAGE

    def __init__(self, exchange: Any, adapter: BoundedAdapter) -> None:
        self.name = str(exchange.id)
        self._exchange = exchange
        self._adapter = adapter

    def instrument(self, wanted: Wanted) -> Instrument:
        market = self._market(wanted)
        if market.get("inverse"):
            raise BadInput(
                f"{market['symbol']} is settled in {market['base']}; only instruments that are "
                "settled in what they are quoted in can be kept."
            )
        size = Decimal(str(market.get("contractSize") or 1)).normalize()
        size_digits = max(-int(size.as_tuple().exponent), 0)
        tick, lot = (_step(self._exchange, market, name) for name in ("price", "amount"))
        return Instrument(
            id=wanted.instrument,
            kind=TYPES[market["type"]],
            currency=str(market.get("settle") or market["quote"]),
            price_digits=max(8, -int(tick.as_tuple().exponent)),
            quantity_digits=8 if size == 1 else max(0, -int(lot.as_tuple().exponent)),
            tick=tick,
            lot=lot,
            multiplier=int(size.scaleb(size_digits)),
            multiplier_digits=size_digits,
        )

    def bars(self, wanted: Wanted, period: str, since: int, count: int) -> list[Row]:
        if period not in self._exchange.timeframes:
            there = ", ".join(self._exchange.timeframes)
            raise BadInput(f"{self.name} has no bars of {period}; it has {there}.")
        symbol = self._market(wanted)["symbol"]
        rows = self._asked("fetch_ohlcv", symbol, period, since, count)
        self._refuse_other_than_bars(rows)
        return list(rows)

    def _refuse_other_than_bars(self, rows: Any) -> None:
        """Refuse an answer of which ccxt left out what it could not read, without a word."""
        answer = self._exchange.last_json_response
        if answer is None or not isinstance(rows, list):
            raise CorruptData(f"{self.name} answered with something that is no list of bars.")
        if isinstance(answer, list) and len(answer) != len(rows):
            raise CorruptData(
                f"{self.name} answered with {len(answer)} rows, of which {len(rows)} are bars of "
                "the time asked for."
            )

    def _market(self, wanted: Wanted) -> dict[str, Any]:
        """Return the market that is meant: by ccxt's name for it or by the exchange's own."""
        symbol = wanted.instrument.rpartition(".")[0]
        kind = InstrumentKind.PERPETUAL if symbol.endswith(PERPETUAL) else wanted.kind
        name = wanted.symbol or symbol.removesuffix(PERPETUAL)
        markets = [
            market
            for market in self._asked("load_markets").values()
            if market["type"] in TYPES and kind in (None, TYPES[market["type"]])
        ]
        markets.sort(key=lambda market: [*TYPES].index(market["type"]))
        for market in markets:
            if name in (market["symbol"], market["id"]):
                return dict(market)
        known = {str(market[one]) for market in markets for one in ("symbol", "id")}
        raise UnknownName(f"instrument of {self.name}", name, known, HELP)

    def _asked(self, what: str, *arguments: Any) -> Any:
        self._adapter.wait = None
        try:
            return getattr(self._exchange, what)(*arguments)
        except ccxt.NetworkError as error:  # time-outs and rate limits are some
            raise Busy(_first_line(error), self._adapter.wait) from error
        except ccxt.BaseError as error:
            raise BadInput(f"{self.name} refuses: {_first_line(error)}") from error
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            # What ccxt raises where an answer is not what it expects.
            raise CorruptData(f"{self.name} answered with what cannot be read: {error}.") from error


def open_exchange(name: str, url: str | None = None, deadline: float = DEADLINE) -> CcxtBars:
    """Return an exchange; UnknownName if ccxt has none of that name."""
    if name not in ccxt.exchanges:
        raise UnknownName("venue", name, [*ccxt.exchanges, "alpaca"], HELP)
    exchange = getattr(ccxt, name)({"enableRateLimit": True, "enableLastJsonResponse": True})
    adapter = BoundedAdapter(deadline)
    exchange.session.mount("http://", adapter)
    exchange.session.mount("https://", adapter)
    if url is not None:
        exchange.urls["api"] = _moved(exchange.urls["api"], url)
    return CcxtBars(exchange, adapter)


def _moved(addresses: Any, host: str) -> Any:
    if isinstance(addresses, dict):
        return {name: _moved(one, host) for name, one in addresses.items()}
    return at_host(addresses, host)


def _step(exchange: Any, market: dict[str, Any], name: str) -> Decimal:
    """Return the step of an order's price or amount; ccxt gives it, or its number of decimals."""
    precision = market["precision"].get(name)
    if precision is None:
        return Decimal("1e-8")
    if exchange.precisionMode == ccxt.TICK_SIZE:
        return Decimal(str(precision)).normalize()
    return Decimal(1).scaleb(-int(precision))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
