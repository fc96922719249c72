"""Cutting events where a timestamp ends."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from barque.domain.events import EventFlag
from barque.kernels.layout import EVENT_WIDTH, FLAGS

Events = NDArray[np.int64]


def slices(chunks: Iterable[Events]) -> Iterator[Events]:
    """Yield the events of each timestamp, wherever the chunks were cut.

    Events at the end whose slice has not ended are left out.
    """
    rest = np.empty((0, EVENT_WIDTH), np.int64)
    for chunk in chunks:
        events = np.concatenate([rest, chunk]) if len(rest) else chunk
        begin = 0
        for end in (np.flatnonzero(events[:, FLAGS] & EventFlag.ENDS_SLICE) + 1).tolist():
            yield events[begin:end]
            begin = end
        rest = events[begin:].copy()
