"""Who is told what an account does."""

from typing import Protocol

from barque.engine.engine import Engine
from barque.storage.records import Rows


class Watch(Protocol):
    """Who is told what an account did, to measure it."""

    def slice_done(self, rows: Rows, engine: Engine, commit_seconds: float) -> None: ...

    def recovered(self, from_seq: int, events: int) -> None:
        """Hear that so many events were lived through again, from a record of the journal on."""

    def snapshot_passed_over(self, why: str) -> None:
        """Hear that a snapshot was not used, or could not be written."""
