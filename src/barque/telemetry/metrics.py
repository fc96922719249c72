"""Every number Barque measures about itself, named once.

Labels are bounded: venues, routes, order types, states, rules and a handful of books; never an
instrument, an order id or a path that a visitor made up.
"""

from collections.abc import Collection, Sequence
from enum import Enum, auto

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

    def _declare_market_data(self) -> None:
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

    def _counter(self, name: str, words: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(name, words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(name, words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        return Histogram(name, words, labels, buckets=buckets, registry=self.registry)
