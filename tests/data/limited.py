"""Run a strategy through a catalog with little more memory than an idle engine has.

`python -m tests.data.limited CATALOG MEGABYTES` prints how many trades were told, then whether
all of them would have fitted into that memory.
"""

import re
import resource
import sys
from decimal import Decimal
from pathlib import Path

from barque.data.catalog import Catalog
from barque.data.events.stream import EventStream, catalog_events
from barque.engine.engine import Engine
from barque.strategies import Strategy, compiled
from tests.data.builders import coin

MEGABYTE = 2**20


@compiled
class Count(Strategy):
    """Counts the trades it is told."""

    def on_start(self) -> None:
        self.trades = 0

    def on_trade(self, trade: object) -> None:
        self.trades += 1


def told(stream: EventStream) -> int:
    strategy = Count()
    engine = Engine(strategy, stream.instruments, cash=Decimal(1_000_000))
    for chunk in stream:
        engine.process(chunk)
    return strategy.trades


def limit(more: int) -> None:
    status = Path("/proc/self/status").read_text()
    used = int(re.search(r"VmData:\s+(\d+) kB", status)[1]) * 1_024
    resource.setrlimit(resource.RLIMIT_DATA, (used + more, used + more))


def main(root: str, megabytes: str) -> None:
    catalog = Catalog(Path(root))
    told(catalog_events(catalog, [coin().id], "1m", end=10**12, kinds=["trade"]))
    limit(int(megabytes) * MEGABYTE)
    whole = catalog_events(catalog, [coin().id], "1m", kinds=["trade"])
    print(told(whole))
    try:
        whole.array()
    except MemoryError:
        print("too large for the memory")
    else:
        print("fits into the memory")


if __name__ == "__main__":
    main(*sys.argv[1:])
