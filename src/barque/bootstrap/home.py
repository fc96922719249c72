"""The folder that a run lives in, and who holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from barque.domain.errors import CannotContinue


@dataclass(frozen=True, slots=True)
class Home:
    """Where a run keeps its things. One process at a time trades from a home."""

    root: Path

    @property
    def catalog(self) -> Path:
        return self.root / "catalog"

    @property
    def store(self) -> Path:
        return self.root / "store.sqlite"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def market_log(self, feed: str) -> Path:
        return self.root / "market-log" / feed

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the home while trading from it."""
        self.root.mkdir(parents=True, exist_ok=True)
        file = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotContinue(
                    f"Another `barque up` or `barque run trader` trades from {self.root}. Stop it, "
                    "or choose another home with BARQUE_HOME."
                ) from None
            yield
        finally:
            os.close(file)
