"""One JSON object a line, for people with `jq` and for programs.

The fields every line may carry: `ts` (UTC), `level`, `event`, `trace_id`, `account`, `intent_id`,
`venue`. Bind what is known for a while with `structlog.contextvars.bound_contextvars`.
"""

import logging
from typing import Protocol, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger

from barque.telemetry.secret import HIDDEN

LEADING_FIELDS = ("ts", "level", "event", "trace_id", "account", "intent_id", "venue")
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "private_key")
LARGEST_NEST = 8


class Log(Protocol):
    """Where a room writes what happened: an event in words, and facts by name."""

    def debug(self, event: str, **facts: object) -> object: ...
    def info(self, event: str, **facts: object) -> object: ...
    def warning(self, event: str, **facts: object) -> object: ...
    def error(self, event: str, **facts: object) -> object: ...
    def bind(self, **facts: object) -> "Log": ...


def open_log(stream: TextIO, level: str = "info") -> Log:
    """Return a log that writes JSON lines of `level` and above to `stream`."""
    lowest = logging.getLevelNamesMapping()[level.upper()]
    log = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            structlog.processors.format_exc_info,
            _hide_secrets,
            _lead_with_known_fields,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
    )
    return cast(Log, log.bind())


def forward_standard_logs(log: Log, *names: str) -> logging.Handler:
    """Send what libraries write to the standard loggers `names` into `log`."""
    handler = _Forward(log)
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    return handler


class _Forward(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        write = self._log.error if record.levelno >= logging.ERROR else self._log.info
        if record.levelno == logging.WARNING:
            write = self._log.warning
        write(record.getMessage(), logger=record.name, exc_info=record.exc_info)


def _hide_secrets(logger: WrappedLogger, method: str, fields: EventDict) -> EventDict:
    return {name: _safe(name, value) for name, value in fields.items()}


def _safe(name: str, value: object, depth: int = 0) -> object:
    """Hide what is under a telling name, at any depth of plain containers."""
    if any(word in name.lower() for word in SECRET_WORDS):
        return HIDDEN
    if depth == LARGEST_NEST:
        return repr(value)
    if isinstance(value, dict):
        return {str(k): _safe(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_safe("", item, depth + 1) for item in value]
    return value


def _lead_with_known_fields(logger: WrappedLogger, method: str, fields: EventDict) -> EventDict:
    known = {name: fields[name] for name in LEADING_FIELDS if name in fields}
    return {**known, **fields}


def _encode(fields: EventDict, **_: object) -> str:
    return msgspec.json.encode(fields, enc_hook=repr).decode()
