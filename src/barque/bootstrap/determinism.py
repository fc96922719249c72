"""Determinism: the same backtest in two fresh processes gives the same bytes.

The second process compiles everything anew, and both hash strings by different seeds, so that an
order that hangs on a set or a dictionary of texts shows.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from barque.bootstrap.backtests import BacktestRequest, Progress, replay
from barque.bootstrap.home import Home
from barque.domain.errors import BadInput, CannotContinue
from barque.research.result import Result

TIMEOUT = 900
REFUSED = 2


@dataclass(frozen=True, slots=True)
class Witness:
    """What one process saw: SHA-256 of all journal records, and of the equity curve."""

    records: str
    curve: str
    data: str
    record_count: int
    slice_count: int


@dataclass(frozen=True, slots=True)
class Determinism:
    """The verdict, and what both processes saw."""

    equal: bool
    warm: Witness
    cold: Witness


def verify_determinism(home: Home, request: BacktestRequest, progress: Progress) -> Determinism:
    """Run a backtest in two fresh processes, one with an empty compile cache, and compare."""
    progress("First process", 0, 2)
    warm = _ask_process(home, request, {"PYTHONHASHSEED": "1"})
    progress("Second process, compiling everything anew", 1, 2)
    with tempfile.TemporaryDirectory(prefix="barque-cache-") as empty:
        cold = _ask_process(home, request, {"PYTHONHASHSEED": "2", "BARQUE_CACHE": empty})
    progress("Compared", 2, 2)
    return Determinism(warm == cold, warm, cold)


def witness(result: Result) -> Witness:
    """Return what a backtest left, as hashes."""
    return Witness(
        records=hashlib.sha256(result.records.tobytes()).hexdigest(),
        curve=hashlib.sha256(result.curve.tobytes()).hexdigest(),
        data=result.data_hash,
        record_count=len(result.records),
        slice_count=len(result.curve),
    )


def _ask_process(home: Home, request: BacktestRequest, environment: dict[str, str]) -> Witness:
    done = subprocess.run(  # noqa: S603 - this very program, and no shell
        [sys.executable, "-m", __name__, str(home.root)],
        input=msgspec.json.encode(request),
        env=os.environ | environment,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == REFUSED:
        raise BadInput(said)
    if done.returncode:
        raise CannotContinue(f"A process of its own failed: {said.splitlines()[-1:]}")
    return msgspec.json.decode(done.stdout, type=Witness)


def _answer() -> None:
    """Be one of the two processes: a request on standard input, a witness on standard output."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=BacktestRequest)
    try:
        result = replay(Home(Path(sys.argv[1])), request, lambda *_: None)
    except BadInput as error:
        print(error, file=sys.stderr)
        sys.exit(REFUSED)
    sys.stdout.buffer.write(msgspec.json.encode(witness(result)))


if __name__ == "__main__":
    _answer()
