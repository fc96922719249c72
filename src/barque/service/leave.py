"""How a service takes its leave: first it is not ready, then its sockets go, then it is gone."""

import asyncio
import random

LONGEST_SPREAD = 20.0
SOCKETS_A_SECOND = 50
"""How many readers may come back at once to whoever serves them next."""


class Leave:
    """What everybody in the service looks at to know whether it is about to stop."""

    def __init__(self) -> None:
        self._announced = False
        self._closing = asyncio.Event()
        self._sockets = 0

    @property
    def announced(self) -> bool:
        """Whether it was asked to stop. It still answers, and says that it is not ready."""
        return self._announced

    def announce(self) -> None:
        """Say that it will stop: load balancers look elsewhere from now on."""
        self._announced = True

    def close_sockets(self) -> None:
        """Tell every reader of a stream to come back elsewhere."""
        self._announced = True
        self._closing.set()

    async def closing(self) -> float:
        """Wait until streams are closed; return in how many seconds this reader may come back.

        The more readers there are, the more their return is spread.
        """
        self._sockets += 1
        try:
            await self._closing.wait()
            spread = min(LONGEST_SPREAD, self._sockets / SOCKETS_A_SECOND)
            return random.uniform(0, spread)  # noqa: S311 - no secret hangs on it
        finally:
            if not self._closing.is_set():
                self._sockets -= 1
