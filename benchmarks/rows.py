"""Measure every entrant at every size, each in its own processes, and keep what was measured.

A row is kept under a name made of everything it depends on: the engine's script, what all
scripts share, the environment and the size. Nothing that is kept is measured again.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks import environments
from benchmarks.entrants import Entrant
from benchmarks.environments import BENCHMARKS, REPOSITORY

SHARED = ("rule.py", "market.py", "reference.py", "measure.py")
LONGEST_RUN = 300.0  # seconds; an engine takes part at the sizes it finishes within
AROUND_A_RUN = 120.0  # seconds for imports, the first call, loading and comparing
MEMORY_SHARE = 0.7  # of the machine's; more would be measuring the disk


class Status(StrEnum):
    """What became of a row."""

    MEASURED = "measured"
    TOO_SLOW = "over five minutes"
    TOO_LARGE = "over the machine's memory"
    PUT_OFF = "not measured this time"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entrant at one size. `seconds` is one whole run, measured or else estimated."""

    entrant: str
    bars: int
    status: Status
    seconds: float | None = None
    reason: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures entrants on the market in the folder `data`, and keeps the rows in `kept`.

    A run of more than `patience` seconds is put off, unless its row was kept.
    """

    data: Path
    kept: Path
    patience: float = LONGEST_RUN

    def measure_all(
        self,
        entrants: Sequence[Entrant],
        sizes: Sequence[int],
        say: Callable[[str], None],
        only: Sequence[Entrant] | None = None,
    ) -> list[Row]:
        """Measure size by size, so that rows to be compared are measured close together.

        With `only`, the rows of all others are those that were kept.
        """
        rows: list[Row] = []
        for bars in sorted(sizes):
            for entrant in entrants:
                smaller = [row for row in rows if row.entrant == entrant.name]
                if only is None or entrant in only:
                    row = self._row(entrant, bars, smaller)
                else:
                    row = self._kept_row(entrant, bars)
                say(f"{bars:>12,}  {entrant.name:26} {_in_short(row)}")
                rows.append(row)
        return rows

    def forget(self, entrants: Iterable[Entrant]) -> None:
        """Drop the kept rows of some entrants, and their caches of compiled code."""
        for entrant in entrants:
            for path in self.kept.glob(f"{_plain(entrant)}-*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def figures(self, entrant: Entrant, bars: int) -> dict[str, Any]:
        """Measure an entrant in a process of its own, and keep nothing."""
        cache, first_call = self._warm_cache(entrant)
        figures = self._process(entrant, bars, cache)
        return figures | {"warm_call_s": figures["first_call_s"], "first_call_s": first_call}

    def _row(self, entrant: Entrant, bars: int, smaller: Sequence[Row]) -> Row:
        kept = self._read(entrant, bars) or _unfit(entrant, bars, smaller)
        if kept is not None:
            return kept
        seconds = forecast_seconds(bars, smaller)
        if seconds is not None and seconds > self.patience:
            reason = f"(estimated {seconds:,.0f} s a run)"
            return Row(
                entrant=entrant.name, bars=bars, status=Status.PUT_OFF, reason=reason,
                seconds=seconds,
            )  # fmt: skip
        try:
            return self._measure(entrant, bars)
        except (environments.EnvironmentFailedError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", None) or str(error)
            last = reason.strip().splitlines()[-1]
            return Row(entrant=entrant.name, bars=bars, status=Status.FAILED, reason=last)
        except subprocess.TimeoutExpired as error:
            reason = f"(stopped after {error.timeout:,.0f} s)"
            return Row(entrant=entrant.name, bars=bars, status=Status.TOO_SLOW, reason=reason)

    def _kept_row(self, entrant: Entrant, bars: int) -> Row:
        kept = self._read(entrant, bars)
        return kept or Row(entrant=entrant.name, bars=bars, status=Status.PUT_OFF)

    def _read(self, entrant: Entrant, bars: int) -> Row | None:
        file = self._file(entrant, f".{bars}.json")
        if not file.exists():
            return None
        row = json.loads(file.read_text())
        return Row(**row | {"status": Status(row["status"])})

    def _measure(self, entrant: Entrant, bars: int) -> Row:
        figures = self.figures(entrant, bars)
        row = Row(
            entrant=entrant.name,
            bars=bars,
            status=Status.MEASURED,
            seconds=figures["whole_s"],
            figures=figures,
        )
        self._file(entrant, f".{bars}.json").write_text(json.dumps(asdict(row), indent=1))
        return row

    def _warm_cache(self, entrant: Entrant) -> tuple[Path, float]:
        """Return a cache that a first process has filled, and the seconds of its first call."""
        cache, note = self._file(entrant, ".cache"), self._file(entrant, ".cold.json")
        if not (cache.exists() and note.exists()):
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir(parents=True)
            note.write_text(json.dumps(self._process(entrant, 0, cache)))
        return cache, float(json.loads(note.read_text())["first_call_s"])

    def _process(self, entrant: Entrant, bars: int, cache: Path) -> dict[str, Any]:
        """Measure in a process of its own; with no bars, only what its first call costs."""
        python = environments.python_of(entrant.environment)
        arguments = ["--style", entrant.style, "--bars", str(bars), "--data", str(self.data)]
        done = subprocess.run(
            [str(python), "-m", "benchmarks.measure", entrant.module, *arguments],
            cwd=REPOSITORY,
            env=environments.variables(cache, entrant.environment),
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN + AROUND_A_RUN,
            check=True,
        )
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures

    def _file(self, entrant: Entrant, ending: str) -> Path:
        """Return where something about an entrant is kept, named by all it depends on."""
        return self.kept / f"{_plain(entrant)}-{_fingerprint(entrant)}{ending}"


def _plain(entrant: Entrant) -> str:
    return entrant.name.replace(",", "").replace(" ", "-").lower()


def _in_short(row: Row) -> str:
    if row.status == Status.MEASURED:
        return f"{row.figures['bars_per_s']:>14,.0f} bars/s"
    return f"{row.status} {row.reason}".strip()


def _unfit(entrant: Entrant, bars: int, smaller: Sequence[Row]) -> Row | None:
    """Return the row of an entrant that cannot do this size, judging by the smaller ones."""
    if smaller and smaller[-1].status in (Status.FAILED, Status.TOO_LARGE):
        status, reason = smaller[-1].status, smaller[-1].reason
        return Row(entrant=entrant.name, bars=bars, status=status, reason=reason)
    seconds = forecast_seconds(bars, smaller)
    if seconds is not None and seconds > LONGEST_RUN:
        reason = f"(estimated {seconds:,.0f} s)"
        return Row(
            entrant=entrant.name, bars=bars, status=Status.TOO_SLOW, reason=reason, seconds=seconds
        )
    if smaller and smaller[-1].status == Status.TOO_SLOW:
        return Row(entrant=entrant.name, bars=bars, status=Status.TOO_SLOW)
    megabytes = forecast_megabytes(bars, smaller)
    if megabytes > MEMORY_SHARE * machine_memory() / 1e6:
        reason = f"(estimated {megabytes:,.0f} MB)"
        return Row(entrant=entrant.name, bars=bars, status=Status.TOO_LARGE, reason=reason)
    return None


def forecast_seconds(bars: int, smaller: Sequence[Row]) -> float | None:
    """Estimate one whole run from smaller sizes: proportional, or steeper if they were steeper."""
    known = [(row.bars, row.seconds) for row in smaller if row.seconds is not None]
    if not known:
        return None
    last_bars, last_seconds = known[-1]
    growth = bars / last_bars
    if len(known) > 1 and last_bars / known[-2][0] >= growth:
        growth = max(growth, last_seconds / known[-2][1])
    return last_seconds * growth


def forecast_megabytes(bars: int, smaller: Sequence[Row]) -> float:
    """Estimate peak memory on the straight line through the two largest smaller sizes."""
    known = [(row.bars, row.figures["peak_mb"]) for row in smaller if row.figures]
    if len(known) < 2:
        return 0.0
    (fewer, less), (more, larger) = known[-2:]
    return float(larger + (larger - less) / (more - fewer) * (bars - more))


def machine_memory() -> int:
    """Return the machine's memory in bytes."""
    information = Path("/proc/meminfo").read_text()
    return int(information.split("MemTotal:")[1].split()[0]) * 1024


def _fingerprint(entrant: Entrant) -> str:
    script = REPOSITORY / (entrant.module.replace(".", "/") + ".py")
    digest = hashlib.sha256(f"{sys.version} {entrant.style}".encode())
    for source in (script, *(BENCHMARKS / name for name in SHARED)):
        digest.update(source.read_bytes())
    if entrant.environment is None:
        digest.update(environments.product_sources())
    else:
        digest.update(environments.pins_of(entrant.environment).read_bytes())
    return digest.hexdigest()[:16]
