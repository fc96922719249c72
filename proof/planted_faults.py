"""Laws 1 to 5, seen red: plant each fault of faults.toml, and see a test of its law fail.

A test that cannot fail proves nothing. The repository is copied, the named tests are seen green
there, then one fault at a time is planted and only its tests are run. Prints Markdown; exits with
an error when a fault survives or cannot be planted. `--jobs 1` runs one after the other, and
words after it choose the faults whose text has them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
LONGEST_SECONDS = 900
BROKEN = ("numba.core.errors", "SyntaxError", "NameError", "ImportError", "UnboundLocalError")
"""A fault that does not even run was seen by the compiler, not by a test."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, in a trader's words, and the tests that must see it."""

    law: int
    wrong: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the tests said: the one that went red, or why none did."""

    seconds: float
    red: str = ""
    problem: str = ""


class Copy:
    """A copy of the tracked files, where faults may be planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)

    def see(self, fault: Fault) -> Seen:
        """Plant a fault, run its tests and take the fault out again."""
        file = self.folder / fault.file
        sound = file.read_text()
        if sound.count(fault.old) != 1:
            return Seen(0, problem=f"the old text occurs {sound.count(fault.old)} times, not once")
        file.write_text(sound.replace(fault.old, fault.new))
        try:
            return self.run(fault.tests)
        finally:
            file.write_text(sound)

    def run(self, tests: Sequence[str]) -> Seen:
        """Run tests until the first one fails."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["--hypothesis-profile=planted", f"--junitxml={report}", *tests]
        began = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=self.folder, env=self._environment, timeout=LONGEST_SECONDS,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Seen(LONGEST_SECONDS, problem=f"no answer in {LONGEST_SECONDS} s")
        finally:
            shutil.rmtree(self.folder / "cache", ignore_errors=True)
        return _read(report, done, time.monotonic() - began)

    @property
    def _environment(self) -> dict[str, str]:
        """A compile cache of its own: code with a fault in it must meet nobody else."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BARQUE_", "PYTEST_"))}
        places = {"PYTHONPATH": str(self.folder / "src"), "CI": "1"}
        return kept | places | {"BARQUE_CACHE": str(self.folder / "cache")}


def _read(report: Path, done: subprocess.CompletedProcess[str], seconds: float) -> Seen:
    if done.returncode == 0:
        return Seen(seconds, problem="every test was green")
    if done.returncode != 1 or not report.exists():
        return Seen(seconds, problem=f"pytest could not run: {done.stdout[-2000:]}{done.stderr}")
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        for verdict in (case.find("failure"), case.find("error")):
            if verdict is not None:
                return _judge(case, verdict.text or "", seconds)
    return Seen(seconds, problem="no test failed, and pytest was not content")


def _judge(case: ElementTree.Element, text: str, seconds: float) -> Seen:
    name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
    broken = [word for word in BROKEN if word in text]
    if broken:
        return Seen(seconds, problem=f"{name} met {broken[0]}: {text[-1000:]}")
    return Seen(seconds, red=name)


def see_all(faults: Sequence[Fault], jobs: int) -> Iterator[Seen]:
    """Yield what was seen of each fault, in their order."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as threads:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for k in range(jobs):
            copies.put(Copy(Path(folder) / str(k)))
        _must_be_green(faults, copies)

        def see(fault: Fault) -> Seen:
            copy = copies.get()
            try:
                return copy.see(fault)
            finally:
                copies.put(copy)

        yield from threads.map(see, faults)


def _must_be_green(faults: Sequence[Fault], copies: "SimpleQueue[Copy]") -> None:
    copy = copies.get()
    seen = copy.run(sorted({test for fault in faults for test in fault.tests}))
    copies.put(copy)
    if seen.problem != "every test was green":
        sys.exit(f"Without a fault the tests must be green: {seen.red}{seen.problem}")
    print(f"without a fault: green in {seen.seconds:.0f} s", file=sys.stderr)


def main() -> None:
    """Print the table, and exit with an error when a fault survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("words", nargs="*", help="run only faults whose text has one of these")
    asked = parser.parse_args()
    table = tomllib.loads((HERE / "faults.toml").read_text())["fault"]
    faults = [Fault(**(row | {"tests": tuple(row["tests"])})) for row in table]
    if asked.words:
        faults = [f for f in faults if any(word in f"{f}" for word in asked.words)]
    survived = 0
    print(_introduction(len(faults)))
    for fault, seen in zip(faults, see_all(faults, asked.jobs), strict=True):
        survived += not seen.red
        what = f"`{seen.red}`" if seen.red else f"**survived**: {seen.problem}"
        print(f"| {fault.law} | {fault.wrong} | `{fault.file}` | {what} | {seen.seconds:.0f} |")
        print(f"law {fault.law}: {fault.wrong}: {what}", file=sys.stderr)
    if survived:
        sys.exit(f"{survived} of {len(faults)} faults survived.")


def _introduction(count: int) -> str:
    return (
        "# Planted faults\n\n"
        f"Each of {count} faults was planted by itself in a copy of the repository, and a test of "
        "its law failed. The laws: 1 replay equals live, 2 stream equals batch, 3 the future does "
        "not matter, 4 every ledger balances exactly, 5 no order without a risk decision. Without "
        "a fault the same tests are green.\n\n"
        "| law | what is wrong | where | the test that went red | seconds |\n|--:|---|---|---|--:|"
    )


if __name__ == "__main__":
    main()
