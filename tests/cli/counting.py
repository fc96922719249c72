"""A strategy in plain Python that notes every life it begins, and may be slow or fatal."""

import os
import signal
import time
from pathlib import Path

from barque.strategies import Strategy


class Counting(Strategy):
    """Buys once."""

    level: int = 1
    other: float = 0.5
    slow: float = 0.0
    fatal: int = -1

    def on_start(self):
        folder = os.environ.get("BARQUE_TEST_NOTES")
        if folder:
            with (Path(folder) / f"{self.level}").open("a") as note:
                note.write("x")
        time.sleep(self.slow)
        if self.level == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.bars = 0

    def on_bar(self, bar):
        self.bars += 1
        if self.bars % (5 * self.level) == 0:
            if self.position(0):
                self.sell(0, self.position(0))
            else:
                self.buy(0, 10)
