"""What Barque tells its operator about itself: metrics, logs and ids, declared once."""

from barque.telemetry.ids import new_id, request_id
from barque.telemetry.lag import watch_loop
from barque.telemetry.logs import Log, forward_standard_logs, open_log
from barque.telemetry.metrics import Family, Metrics
from barque.telemetry.secret import Secret

__all__ = [
    "Family",
    "Log",
    "Metrics",
    "Secret",
    "forward_standard_logs",
    "new_id",
    "open_log",
    "request_id",
    "watch_loop",
]
