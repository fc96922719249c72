"""Ids that follow one request through every log line it causes."""

import re
import secrets

_ACCEPTED = re.compile(r"[A-Za-z0-9-]{8,64}")


def new_id() -> str:
    """Return a fresh trace id: 32 hexadecimal digits, as W3C trace context writes them."""
    return secrets.token_hex(16)


def request_id(offered: str | None) -> str:
    """Return the id a caller offered when it is fit for a log line, else a fresh one."""
    if offered is not None and _ACCEPTED.fullmatch(offered):
        return offered
    return new_id()
