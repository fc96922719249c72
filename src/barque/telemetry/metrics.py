"""Every number Barque measures about itself, named once.

Labels are bounded: venues, routes, order types, states, rules and a handful of books; never an
instrument, an order id or a path that a visitor made up.
"""

import platform
import shutil
import time
from collections.abc import Collection, Sequence
from enum import Enum, auto
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REQUEST_SECONDS = (0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
COMMIT_SECONDS = (0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
AGE_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0)


class Family(Enum):
    """What a process does, and so which meters it has."""

    SERVICE = auto()
    TRADING = auto()


class Metrics:
    """The meters of one process, in a registry of their own.

    Two `Metrics` never share a number, so a test or a second engine in the process starts at zero.
    A process that does not serve, or does not trade, has no meters of it that would stay at zero.
    Seconds are floats; `equity` is in the account's currency; ratios are fractions.
    """

    def __init__(self, families: Collection[Family] = tuple(Family)) -> None:
        self.registry = CollectorRegistry()
        self.series: dict[str, frozenset[str]] = {}
        """Every series of Barque's own that may be shown, with its labels."""
        ProcessCollector(registry=self.registry)
        if Family.SERVICE in families:
            self._declare_service()
        if Family.TRADING in families:
            self._declare_market_data()
            self._declare_trading()
        self._declare_platform()

    def render(self) -> bytes:
        """Return every meter in the Prometheus text format (`content_type`)."""
        return generate_latest(self.registry)

    @property
    def content_type(self) -> str:
        return CONTENT_TYPE_LATEST

    def name_build(self, version: str) -> None:
        """Say which version runs, and on which Python."""
        self.build_info.labels(version=version, python=platform.python_version()).set(1)

    def watch_disk(self, folder: Path) -> None:
        """Measure at each scrape the disk that holds `folder`, which may not exist yet."""
        self.disk_free.set_function(lambda: shutil.disk_usage(_existing(folder)).free)
        self.disk_size.set_function(lambda: shutil.disk_usage(_existing(folder)).total)

    def _declare_service(self) -> None:
        self.http_requests = self._counter(
            "barque_http_requests",
            "HTTP requests answered.",
            ("route", "method", "code"),
        )
        self.http_request_seconds = self._histogram(
            "barque_http_request_duration_seconds",
            "From the first byte of a request to the last of its answer.",
            REQUEST_SECONDS,
            ("route",),
        )
        self.ws_connections = self._gauge("barque_ws_connections", "Open WebSockets.")
        self.trader_sign = self._gauge(
            "barque_trader_sign_timestamp_seconds",
            "The trader's last sign of life, as whoever serves reads it in the store.",
            ("feed",),
        )

    def _declare_market_data(self) -> None:
        self.feed_alive = self._gauge(
            "barque_feed_alive_timestamp_seconds", "When the feed last turned.", ("feed",)
        )
        self.feed_phase = self._gauge(
            "barque_feed_phase", "1 for what the feed does now, 0 for the rest.", ("feed", "phase")
        )
        self.market_log_events = self._gauge(
            "barque_market_log_events", "Events that the market log holds.", ("feed",)
        )
        self.md_last_event = self._gauge(
            "barque_md_last_event_timestamp_seconds",
            "Event time of the newest market event.",
            ("venue",),
        )

    def _declare_trading(self) -> None:
        self.intents = self._counter(
            "barque_intents", "Orders journalled to be sent.", ("venue", "type")
        )
        self.orders = self._counter(
            "barque_orders", "Orders that reached a state.", ("venue", "state")
        )
        self.fills = self._counter("barque_fills", "Fills received.", ("venue",))
        self.risk_blocks = self._counter(
            "barque_risk_block", "Orders refused by our own risk gate.", ("rule",)
        )
        self.account_position = self._gauge(
            "barque_account_position_events",
            "How many events of the market log the account has decided on.",
            ("book",),
        )
        self.equity = self._gauge("barque_equity", "Cash and positions at the mark.", ("book",))
        self.drawdown = self._gauge(
            "barque_drawdown_ratio", "Fraction lost since the highest equity.", ("book",)
        )
        self.signal_age_seconds = self._histogram(
            "barque_signal_age_seconds",
            "From a bar's close to the signal on it in the journal; replayed, it closes when told.",
            AGE_SECONDS,
        )
        self.journal_commit_seconds = self._histogram(
            "barque_journal_commit_seconds", "One synced journal transaction.", COMMIT_SECONDS
        )

    def _declare_platform(self) -> None:
        self.loop_lag_seconds = self._histogram(
            "barque_loop_lag_seconds", "How late the event loop woke.", REQUEST_SECONDS
        )
        self.store_errors = self._counter(
            "barque_store_errors", "Reads and writes of the store that failed.", ("operation",)
        )
        self.build_info = self._gauge("barque_build_info", "What runs.", ("version", "python"))
        self.disk_free = self._gauge("barque_disk_free_bytes", "Left on the home's disk.")
        self.disk_size = self._gauge("barque_disk_size_bytes", "The size of the home's disk.")
        clock = self._gauge("barque_clock_timestamp_seconds", "What time it is, at the scrape.")
        clock.set_function(time.time)

    def _counter(self, name: str, words: str, labels: Sequence[str] = ()) -> Counter:
        self.series[f"{name}_total"] = frozenset(labels)
        return Counter(name, words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
        self.series[name] = frozenset(labels)
        return Gauge(name, words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        self.series[f"{name}_bucket"] = frozenset({*labels, "le"})
        self.series[f"{name}_count"] = self.series[f"{name}_sum"] = frozenset(labels)
        return Histogram(name, words, labels, buckets=buckets, registry=self.registry)


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())
