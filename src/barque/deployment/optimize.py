"""Sizes proposed from what was measured: what a role asks for, against what it used.

Rule: cores are the 95th percentile of those used and a quarter more, in steps of 0.05; memory is
the most that was used and three tenths more, in steps of 64 MiB. Fewer than 24 hours or 200
samples are refused: a role that has not seen an open market has not been measured.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from barque.deployment.cloud_architecture import Role
from barque.domain.errors import BadInput, NotReady

CORE_ROOM, CORE_STEP = 1.25, 0.05
MEMORY_ROOM, MEMORY_STEP = 1.3, 64
LEAST_HOURS, LEAST_SAMPLES = 24.0, 200
QUERIES = {
    "cores": "sum by (job) (rate(process_cpu_seconds_total[5m]))",
    "memory": "max by (job) (process_resident_memory_bytes) / 1048576",
}
TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Used:
    """What one role used: `hours` from the first to the last sample; cores, and MiB of memory."""

    hours: float
    cores: tuple[float, ...]
    memory: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a role asks for and should; `refused` says why nothing is proposed."""

    role: str
    cores: float
    memory: int
    proposed_cores: float | None = None
    proposed_memory: int | None = None
    refused: str = ""


def propose(role: Role, used: Used | None, least_hours: float = LEAST_HOURS) -> Proposal:
    """Return the sizes that the rule gives for a role."""
    if used is None:
        return Proposal(role.name, role.cpu, role.memory, refused="it was not measured")
    samples = min(len(used.cores), len(used.memory))
    if used.hours < least_hours or samples < LEAST_SAMPLES:
        words = (
            f"{used.hours:.1f} hours with {samples} samples; {least_hours:g} hours and "
            f"{LEAST_SAMPLES} samples are needed"
        )
        return Proposal(role.name, role.cpu, role.memory, refused=words)
    cores = percentile(used.cores, 0.95) * CORE_ROOM
    memory = max(used.memory) * MEMORY_ROOM
    return Proposal(
        role.name,
        role.cpu,
        role.memory,
        max(CORE_STEP, round(math.ceil(round(cores / CORE_STEP, 6)) * CORE_STEP, 2)),
        max(MEMORY_STEP, math.ceil(memory / MEMORY_STEP) * MEMORY_STEP),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def read_used(source: str, hours: float) -> dict[str, Used]:
    """Return what roles used, from a Prometheus (its URL) or from a file that holds the same."""
    if source.startswith(("http://", "https://")):
        answers = {name: _ask(source, query, hours) for name, query in QUERIES.items()}
    else:
        try:
            answers = json.loads(Path(source).read_text())
        except (OSError, ValueError) as error:
            raise BadInput(f"{source} cannot be read as measurements: {error}.") from error
    return _by_role(answers)


def _ask(url: str, query: str, hours: float) -> Any:
    """Return Prometheus' answer to a range query that ends now, with at most 1,000 points."""
    import time

    end = time.time()
    step = max(15, round(hours * 3.6))
    words = urlencode({"query": query, "start": end - hours * 3_600, "end": end, "step": step})
    try:
        address = f"{url.rstrip('/')}/api/v1/query_range?{words}"
        with urlopen(address, timeout=TIMEOUT_SECONDS) as got:  # noqa: S310 # http, by the caller
            return json.load(got)
    except (URLError, ValueError) as error:
        raise NotReady(f"Prometheus at {url} does not answer: {error}. Is it running?") from error


def _by_role(answers: Mapping[str, Any]) -> dict[str, Used]:
    series = {name: _series(answers, name) for name in QUERIES}
    roles = series["cores"].keys() & series["memory"].keys()
    used = {}
    for role in sorted(roles):
        moments = [at for at, _ in series["cores"][role]]
        used[role] = Used(
            (max(moments) - min(moments)) / 3_600,
            tuple(value for _, value in series["cores"][role]),
            tuple(value for _, value in series["memory"][role]),
        )
    return used


def _series(answers: Mapping[str, Any], name: str) -> dict[str, list[tuple[float, float]]]:
    try:
        return {
            one["metric"]["job"]: [(float(at), float(value)) for at, value in one["values"]]
            for one in answers[name]["data"]["result"]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"The measurements of {name} are not an answer of Prometheus' query_range: {error!r}."
        ) from error
