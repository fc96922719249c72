"""Parity: decide again from the market log, and compare with what the journal holds."""

from dataclasses import dataclass

import numpy as np

from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.runtime.slices import slices
from barque.storage.market_log import MarketLog
from barque.storage.records import Rows


@dataclass(frozen=True, slots=True)
class Parity:
    """The verdict. `difference` is the first journal record that was decided otherwise, if any."""

    equal: bool
    records: int
    slices: int
    difference: str = ""


def compare(engine: Engine, log: MarketLog, journal: Rows, *, begin: int, end: int) -> Parity:
    """Decide log[begin:end] again with a fresh engine and compare with the journal's decisions.

    `journal` holds the decisions as rows of `kernels.layout`, oldest first. Promised equal for
    the same build, strategy and model.
    """
    for chunk in log.read(0, begin):
        engine.recall(chunk, journal[:0])
    decided, count = [journal[:0]], 0
    for part in slices(log.read(begin, end)):
        decided.append(engine.process(part).records)
        count += 1
    again = np.concatenate(decided)
    if np.array_equal(again, journal):
        return Parity(True, len(journal), count)
    return Parity(False, len(journal), count, _first_difference(again, journal))


def _first_difference(again: Rows, journal: Rows) -> str:
    shared = min(len(again), len(journal))
    unequal = np.flatnonzero((again[:shared] != journal[:shared]).any(axis=1))
    if not len(unequal):
        return f"decided {len(again)} records, the journal holds {len(journal)}"
    k = int(unequal[0])
    where = f"record {k + 1}, after market event {journal[k, at.RECORD_AT]}"
    return f"{where}: the journal says {journal[k].tolist()}, decided again {again[k].tolist()}"
