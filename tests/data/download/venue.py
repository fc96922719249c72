"""A venue on this machine: speaks HTTP as Binance's klines and Alpaca's bars do, and misbehaves."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MINUTE = 60_000
UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}

Handler = BaseHTTPRequestHandler
Fault = Callable[[Handler], None]
"""Answers one question for bars in its own way."""


def price(ms: int) -> float:
    """The open of the bar that begins at `ms`: whoever asks, and however often."""
    return 100 + (ms // MINUTE * 7919 % 1000) / 100


@dataclass
class Venue:
    """What the venue has: bars of `symbol` from `first` to `end`, except those in `holes`.

    `faults` are played, one for each question for bars, before it behaves. `asked` are the
    questions for bars that came in, as (start, limit).
    """

    first: int
    end: int
    period: str = "1m"
    holes: set[int] = field(default_factory=set)
    most: int = 1_000
    faults: list[Fault | None] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    stamps: list[int] | None = None
    url: str = ""

    def starts(self, since: int, end: int) -> Iterator[int]:
        if self.stamps is not None:
            yield from (one for one in self.stamps if since <= one < end)
            return
        length = int(self.period[:-1]) * UNITS[self.period[-1]]
        first = max(since, self.first)
        for ms in range(-(-first // length) * length, min(end, self.end), length):
            if ms not in self.holes:
                yield ms

    def klines(self, since: int, limit: int) -> list[list[object]]:
        found = []
        for ms in self.starts(since, self.end):
            if len(found) == min(limit, self.most):
                break
            found.append(kline(ms))
        return found


def kline(ms: int, **changes: object) -> list[object]:
    open_ = price(ms)
    bar = {"o": f"{open_:.2f}", "h": f"{open_ + 1:.2f}", "l": f"{open_ - 1:.2f}"}
    bar |= {"c": f"{open_ + 0.5:.2f}", "v": "1.5"} | changes
    return [ms, *bar.values(), ms + MINUTE - 1, "150", 3, "1", "1", "0"]


def answering(
    status: int, body: str | bytes = "{}", kind: str = "application/json", **headers: str
) -> Fault:
    def fault(handler: Handler) -> None:
        content = body.encode() if isinstance(body, str) else body
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        if handler.close_connection:
            handler.send_header("Connection", "close")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return fault


def hanging(seconds: float) -> Fault:
    """Say nothing at all for a while."""

    def fault(handler: Handler) -> None:
        time.sleep(seconds)

    return fault


def trickling(seconds: float) -> Fault:
    """Send a byte now and then: each comes in time, the whole never."""

    def fault(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            handler.wfile.write(b"[")
            handler.wfile.flush()
            time.sleep(0.05)

    return fault


def breaking_off(handler: Handler) -> None:
    """Promise much, send little and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b"[[1")
    handler.wfile.flush()
    handler.connection.close()


@contextmanager
def open_venue(venue: Venue) -> Iterator[Venue]:
    class Door(Handler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            try:
                if parts.path.endswith("exchangeInfo"):
                    return answering(200, json.dumps(markets(parts.path)))(self)
                if parts.path.endswith("/klines"):
                    return self.bars(int(query["startTime"]), int(query["limit"]), self.binance)
                since = milliseconds(query["start"])
                return self.bars(since, int(query["limit"]), self.alpaca)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def bars(self, since: int, limit: int, answer: Callable[[int, int], object]) -> None:
            venue.asked.append((since, limit))
            venue.headers.append(dict(self.headers))
            venue.times.append(time.monotonic())
            fault = venue.faults.pop(0) if venue.faults else None
            if fault is not None:
                self.close_connection = True
                return fault(self)
            return answering(200, json.dumps(answer(since, limit)))(self)

        def binance(self, since: int, limit: int) -> object:
            return venue.klines(since, limit)

        def alpaca(self, since: int, limit: int) -> object:
            token = parse_qs(urlsplit(self.path).query).get("page_token", ["0"])[0]
            since = max(since, int(token))
            rows = venue.klines(since, limit)
            last = int(rows[-1][0]) if rows else 0  # type: ignore[call-overload]
            more = bool(rows) and len(rows) < limit and any(venue.starts(last + 1, venue.end))
            return {
                "bars": {"AAPL": [bar_of_alpaca(row) for row in rows]},
                "next_page_token": str(last + 1) if more else None,
            }

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    venue.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield venue
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()


def bar_of_alpaca(row: list[object]) -> dict[str, object]:
    time_ = datetime.fromtimestamp(int(row[0]) / 1000, UTC)  # type: ignore[call-overload]
    names = ("o", "h", "l", "c", "v")
    numbers = {n: float(v) for n, v in zip(names, row[1:6], strict=True)}  # type: ignore[arg-type]
    return {"t": time_.strftime("%Y-%m-%dT%H:%M:%SZ"), **numbers, "n": 3, "vw": 100.0}


def milliseconds(time_: str) -> int:
    moment = datetime.fromisoformat(time_)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def markets(path: str) -> dict[str, object]:
    """What Binance says of its markets: one spot pair, and one perpetual of the same name."""
    filters = [
        {"filterType": "PRICE_FILTER", "tickSize": "0.01", "minPrice": "0.01", "maxPrice": "9999"},
        {"filterType": "LOT_SIZE", "stepSize": "0.00001", "minQty": "0.00001", "maxQty": "9000"},
    ]
    pair = {"symbol": "BTCUSDT", "baseAsset": "BTC", "quoteAsset": "USDT", "filters": filters}
    pair |= {"status": "TRADING", "permissions": ["SPOT"], "permissionSets": [["SPOT"]]}
    pair |= {"isSpotTradingAllowed": True, "baseAssetPrecision": 8, "quoteAssetPrecision": 8}
    if "/fapi/" in path:
        pair |= {"contractType": "PERPETUAL", "marginAsset": "USDT", "pair": "BTCUSDT"}
        pair |= {"deliveryDate": 4133404800000, "onboardDate": 1569398400000}
        pair |= {"pricePrecision": 2, "quantityPrecision": 3}
    return {"symbols": [] if "/dapi/" in path else [pair], "timezone": "UTC", "rateLimits": []}
