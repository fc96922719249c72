"""Two or more backtests side by side: what differs between them, and whether it is luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barque.research.result import Result
from barque.research.statistics import DEFINITIONS
from barque.research.statistics.ratios import deviation, sharpe_difference

ASKED = (
    "strategy", "parameters", "instruments", "start", "end", "terms", "data_hash",
    "code_version", "seed",
)  # fmt: skip
"""What a run was asked: where two runs differ here, their numbers may differ for that reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How a run's daily returns go with the first one's, over the days that both have.

    `p_value` is the chance of a difference of Sharpe ratios at least this large if there were none
    (Jobson and Korkie, 1981; Memmel, 2003). None where there is too little to say.
    """

    days: int
    correlation: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs side by side. Each list has one entry a run, in the order they were given.

    `differences` holds what was asked differently; `statistics` all numbers by name.
    """

    ids: list[int]
    differences: dict[str, list[Any]]
    statistics: dict[str, list[Any]]
    likeness: list[Likeness | None]
    """Of each run with the first; None of the first, and where a run's records were not kept."""


def compare(found: Sequence[Mapping[str, Any]], results: Sequence[Result | None]) -> Comparison:
    """Put runs side by side: their summaries, and their results where those were kept."""
    return Comparison(
        ids=[one["id"] for one in found],
        differences=_differences(found),
        statistics={
            name: [one["statistics"].get(name) for one in found]
            for name in DEFINITIONS
            if any(one["statistics"].get(name) is not None for one in found)
        },
        likeness=[None, *(_likeness(results[0], other) for other in results[1:])],
    )


def _differences(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    differences: dict[str, list[Any]] = {}
    for name in ASKED:
        differences |= _differences_in(name, [one.get(name) for one in found])
    return differences


def _differences_in(name: str, values: Sequence[Any]) -> dict[str, list[Any]]:
    """Return what differs, down to single values; what somebody does not have is None."""
    tables = [value for value in values if isinstance(value, Mapping)]
    if not tables or any(value not in (None, *tables) for value in values):
        is_same = all(value == values[0] for value in values)
        return {} if is_same else {name: list(values)}
    differences: dict[str, list[Any]] = {}
    for key in sorted({key for table in tables for key in table}):
        within = [value and value.get(key) for value in values]
        differences |= _differences_in(f"{name}.{key}", within)
    return differences


def _likeness(first: Result | None, other: Result | None) -> Likeness | None:
    if first is None or other is None or first.daily is None or other.daily is None:
        return None
    if first.daily.is_ruined or other.daily.is_ruined:
        return None
    days, mine, theirs = np.intersect1d(
        first.daily.days, other.daily.days, assume_unique=True, return_indices=True
    )
    if len(days) < 3:
        return Likeness(days=len(days), correlation=None, p_value=None)
    closes = first.daily.closes[mine], other.daily.closes[theirs]
    one, two = (values[1:] / values[:-1] - 1.0 for values in closes)
    varies = deviation(one) is not None and deviation(two) is not None
    return Likeness(
        days=len(days) - 1,
        correlation=float(np.corrcoef(one, two)[0, 1]) if varies else None,
        p_value=sharpe_difference(one, two) if varies else None,
    )
