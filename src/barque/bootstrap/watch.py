"""What the telemetry of a paper account counts, slice by slice."""

import time
from collections import Counter

from barque.domain.instruments import cash
from barque.domain.orders import OrderType, Reason
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.storage.market_log import MarketLog
from barque.storage.records import JournalKind, Rows
from barque.telemetry import Log, Metrics

STATES = {
    at.ACCEPTED: "accepted",
    at.REFUSED: "refused",
    at.FILLED: "filled",
    at.CANCELED: "canceled",
    at.EXPIRED: "expired",
    at.REJECTED: "rejected",
}


class Telemetry:
    """Turns journal rows into meters and log lines."""

    def __init__(self, metrics: Metrics, log: Log, account: str, market: MarketLog) -> None:
        self._metrics, self._log, self._account, self._market = metrics, log, account, market
        self._peak = 0
        for reason in Reason:
            metrics.risk_blocks.labels(rule=reason.name)  # from zero, so that one is a rise

    def slice_done(self, rows: Rows, engine: Engine, commit_seconds: float) -> None:
        """Count what a slice caused, and say where the account stands."""
        metrics = self._metrics
        metrics.journal_commit_seconds.observe(commit_seconds)
        for venue in {instrument.venue for instrument in engine.instruments}:
            metrics.md_last_event.labels(venue=venue).set(rows[-1, at.RECORD_TS] / 1e9)
        self._age_signals(rows)
        for row in rows:
            self._count(row, engine)
        equity = int(engine.state.account[at.EQUITY])
        self._peak = max(self._peak, equity)
        currency = engine.instruments[0].currency
        metrics.equity.labels(book=self._account).set(float(cash(equity, currency)))
        if self._peak > 0:
            metrics.drawdown.labels(book=self._account).set(1 - equity / self._peak)
        counts = Counter(
            STATES[kind] for kind in rows[:, at.RECORD_KIND].tolist() if kind in STATES
        )
        if counts:
            self._log.info(
                "slice decided",
                account=self._account,
                market_ts=int(rows[-1, at.RECORD_TS]),
                **counts,
            )

    def recovered(self, from_seq: int, events: int) -> None:
        """Say how much had to be lived through again."""
        self._log.info(
            "account recovered", account=self._account, from_record=from_seq, events=events
        )

    def snapshot_passed_over(self, why: str) -> None:
        """Say why recovery takes the long way."""
        self._log.warning("snapshot passed over", account=self._account, why=why)

    def _age_signals(self, rows: Rows) -> None:
        """Measure how old the slice's signals are now that they are kept.

        The market is replayed: a bar closes for us when we are told of it.
        """
        signals = int((rows[:, at.RECORD_KIND] == JournalKind.SIGNAL).sum())
        if not signals:
            return
        told = self._market.received(int(rows[-1, at.RECORD_AT]) - 1)
        seconds = max(0, time.time_ns() - told) / 1e9
        for _ in range(signals):
            self._metrics.signal_age_seconds.observe(seconds)

    def _count(self, row: Rows, engine: Engine) -> None:
        kind, i = int(row[at.RECORD_KIND]), int(row[at.RECORD_INSTRUMENT])
        if kind not in STATES:
            return
        venue = engine.instruments[i].venue if 0 <= i < len(engine.instruments) else "none"
        self._metrics.orders.labels(venue=venue, state=STATES[kind]).inc()
        if kind == at.ACCEPTED:
            order_type = OrderType(int(row[at.A1])).name
            self._metrics.intents.labels(venue=venue, type=order_type).inc()
        elif kind == at.REFUSED:
            self._metrics.risk_blocks.labels(rule=Reason(int(row[at.A6])).name).inc()
        elif kind == at.FILLED:
            self._metrics.fills.labels(venue=venue).inc()
