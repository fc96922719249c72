"""A balancer of this machine that follows the rules: asks pages how they are, and tells NGINX.

NGINX of Debian looks at pages only when they fail; it does not ask them, nor warm them up. So the
balancer asks, works out the weights (load_balancing.py) and writes them as NGINX's upstream, which
reads them anew without dropping a request.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from math import gcd
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from barque.deployment.edge.load_balancing import Rules, Targets

STEP_SECONDS = 1.0
"""How often weights are worked out anew while somebody warms up or finishes."""

LARGEST_WEIGHT = 100
UNUSED = 16
"""Connections to pages that are kept open for the next request."""

UNUSED_SECONDS = 4
"""Shorter than the 5 s after which a page hangs up: else a request may meet a closed door."""


class Balancer:
    """Keeps NGINX's pages as the rules want them. `tell` hands NGINX its list of pages."""

    def __init__(self, targets: Targets, tell: Callable[[str], None]) -> None:
        self.targets = targets
        self._tell, self._now = tell, time.monotonic
        self._told = ""

    def join(self, address: str, *, canary: bool = False) -> None:
        """Take a page in; visitors come to it once it said a few times that it is ready."""
        self.targets = self.targets.joined(address, self._now(), canary=canary)

    def drain(self, address: str) -> None:
        """Send nobody new to a page; what it has it may finish."""
        self.targets = self.targets.drained(address, self._now())
        self.publish()

    def publish(self) -> None:
        """Work the weights out, and tell NGINX if they are others than it knows."""
        now = self._now()
        self.targets = self.targets.gone(now)
        text = upstream(self.targets.weights(now))
        if text != self._told:
            self._tell(text)
            self._told = text

    async def keep(self) -> None:
        """Ask every page in its turn, and keep NGINX's list, until cancelled."""
        interval = self.targets.rules.interval
        while True:
            began = self._now()
            await self._ask_all()
            while (left := began + interval - self._now()) > 0:
                self.publish()
                await asyncio.sleep(min(STEP_SECONDS, left))

    async def _ask_all(self) -> None:
        addresses = list(self.targets.targets)
        answers = await asyncio.gather(
            *(asyncio.to_thread(is_ready, one, self.targets.rules) for one in addresses)
        )
        for address, well in zip(addresses, answers, strict=True):
            self.targets = self.targets.seen(address, well, self._now())
        self.publish()


def is_ready(address: str, rules: Rules) -> bool:
    """Ask a page whether it is ready, as the rules say how."""
    try:
        with urlopen(f"http://{address}{rules.path}", timeout=rules.timeout) as answer:
            return bool(answer.status == rules.status)
    except HTTPError as refusal:
        refusal.close()
        return False
    except (URLError, OSError, ValueError):
        return False


def upstream(weights: Mapping[str, int]) -> str:
    """Return NGINX's list of pages: with weights, or `down` for who gets nobody."""
    parts = _reduced(weights)
    lines = [
        f"    server {address} " + (f"weight={weight} max_fails=0;" if weight else "down;")
        for address, weight in parts.items()
    ]
    # NGINX counts no failures: a page is out when it said so, not because one answer was bad.
    return "\n".join(
        [
            "# Written by `barque deploy balance`.",
            "upstream pages {",
            "    zone pages 64k;",
            *lines,
            f"    keepalive {UNUSED};",
            f"    keepalive_timeout {UNUSED_SECONDS}s;",
            "}",
            'map "" $pages { default pages; }',
            "",
        ]
    )


def _reduced(weights: Mapping[str, int]) -> dict[str, int]:
    """Return weights of at most a hundred, in nearly the same proportions."""
    largest = max(weights.values(), default=0)
    if largest > LARGEST_WEIGHT:
        weights = {
            address: max(1, round(weight * LARGEST_WEIGHT / largest)) if weight else 0
            for address, weight in weights.items()
        }
    common = gcd(*weights.values()) or 1
    return {address: weight // common for address, weight in weights.items()}
