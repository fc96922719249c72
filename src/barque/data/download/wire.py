"""How a venue is asked over the network: never without end.

An answer has a deadline and a largest size, and says when to ask again (`Retry-After`).
"""

import re
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ReadTimeout

LARGEST_ANSWER = 64 * 2**20
"""Bytes; a page of bars has about one million."""

_BLOCK = 2**16


class BoundedAdapter(HTTPAdapter):  # type: ignore[misc]  # requests has no types
    """Sends requests whose answers must come whole within `deadline` seconds.

    The timeout of `requests` alone bounds the silence between two bytes, not a trickle of them.
    """

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self.deadline = deadline
        self.wait: float | None = None
        """What the last answer says of when to ask again."""

    def send(self, request: Any, *_: Any, **how: Any) -> Any:
        until = time.monotonic() + self.deadline
        self.wait = None
        response = super().send(request, **how | {"stream": True, "timeout": self.deadline})
        self.wait = seconds_to_wait(response.headers.get("Retry-After"), time.time())
        response._content = self._body(response, until)  # what `requests` itself would set
        return response

    def _body(self, response: Any, until: float) -> bytes:
        body = bytearray()
        while block := self._read(response, until):
            body += block
            if len(body) > LARGEST_ANSWER:
                response.close()
                raise NoConnection("the answer is larger than any page of bars")
        return bytes(body)

    def _read(self, response: Any, until: float) -> bytes:
        left = until - time.monotonic()
        if left <= 0:
            response.close()
            raise ReadTimeout(f"Read timed out: the answer was not whole in {self.deadline:g} s")
        try:
            block: bytes = response.raw.read1(_BLOCK, decode_content=True)
        except Exception as error:  # of urllib3 and http.client: the answer broke off
            raise NoConnection(f"Connection broken: {error}") from error
        return block


def seconds_to_wait(header: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date; None if none."""
    if header is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", header):
        return float(header)
    try:
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except ValueError:
        return None


def at_host(url: str, host: str) -> str:
    """Return an address with the scheme and the host of another."""
    return urlunsplit((*urlsplit(host)[:2], *urlsplit(url)[2:]))
