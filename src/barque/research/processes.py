"""Work done by several processes of this machine, each begun anew and not as a copy of this one.

The first worker is alone until it has answered once: what it had to compile or to fetch, the others
then find ready. A worker that dies loses the task it was at. Another is started in its place, and
the task is tried once more; when that one dies too, the task is over and the reason is said. A
worker ends when nobody listens to it any more, so none outlives a parent that was killed.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from barque.domain.errors import BadInput, CannotContinue
from barque.research.executor import A, Done, T, attempt

MOST_PROCESSES = 256
AHEAD = 3
"""Tasks that a worker is given before it has answered, so that it never waits."""

TRIES = 2
SECONDS_TO_END = 5.0

Make = Callable[[], Callable[[Any], Any]]


@dataclass(slots=True)
class _Attempt:
    task: Any
    deaths: int = 0


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    given: deque[_Attempt] = field(default_factory=deque)
    is_ready: bool = False


class Processes:
    """Does tasks in `count` processes of this machine.

    `make`, tasks and answers are pickled, so `make` is a function of a module, or a partial of one.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = len(os.sched_getaffinity(0)) if count is None else count
        if not 1 <= self.count <= MOST_PROCESSES:
            raise BadInput(f"There are to be {count} processes; from 1 to {MOST_PROCESSES} can be.")

    def run(
        self, make: Callable[[], Callable[[T], A]], tasks: Iterable[T]
    ) -> Generator[Done[T, A], None, None]:
        crew = _Crew(make, iter(tasks))
        try:
            while crew.has_work(self.count):
                yield from crew.next_answers()
        finally:
            crew.dismiss()


class _Crew:
    """The workers of one run and what each has been given."""

    def __init__(self, make: Make, tasks: Iterator[Any]) -> None:
        self._make, self._tasks = make, tasks
        self._again: deque[_Attempt] = deque()
        self._workers: list[_Worker] = []
        self._has_answered = False

    def has_work(self, count: int) -> bool:
        """Give every worker what it can take; return whether anything is not over."""
        for worker in self._workers:
            while len(worker.given) < AHEAD and (attempt := self._next()):
                self._give(worker, attempt)
        wanted = count if self._has_answered else 1
        while len(self._workers) < wanted and (attempt := self._next()):
            self._workers.append(self._hire())
            self._give(self._workers[-1], attempt)
        return bool(self._again) or any(worker.given for worker in self._workers)

    def next_answers(self) -> list[Done[Any, Any]]:
        """Wait until a worker says something or dies; return what is over by that."""
        spoke = {id(pipe) for pipe in wait([worker.pipe for worker in self._workers])}
        found: list[Done[Any, Any]] = []
        for worker in [worker for worker in self._workers if id(worker.pipe) in spoke]:
            try:
                kind, said = worker.pipe.recv()
            except (EOFError, OSError):
                found += self._bury(worker)
                continue
            if kind == "unable":
                raise CannotContinue(said)
            worker.is_ready = True
            if kind == "done":
                self._has_answered = True
                given = worker.given.popleft()
                found.append(Done(given.task, said.answer, said.failure))
        return found

    def dismiss(self) -> None:
        """End every worker: those that wait at once, those at work before they finish it."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(SECONDS_TO_END)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def _next(self) -> _Attempt | None:
        if self._again:
            return self._again.popleft()
        for task in self._tasks:
            return _Attempt(task)
        return None

    def _hire(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._make), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker, attempt: _Attempt) -> None:
        worker.given.append(attempt)
        with suppress(OSError):  # that it died is seen where it is listened to
            worker.pipe.send(attempt.task)

    def _bury(self, worker: _Worker) -> list[Done[Any, Any]]:
        """Take a dead worker's tasks back; only the one it was at may be to blame."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        if not worker.is_ready:
            raise CannotContinue(f"A worker died before its first task ({_how(worker)}).")
        blamed, *innocent = worker.given or [None]
        self._again.extend(one for one in innocent if one is not None)
        if blamed is None:
            return []
        blamed.deaths += 1
        if blamed.deaths < TRIES:
            self._again.append(blamed)
            return []
        return [Done(blamed.task, None, f"its process died twice, the last time {_how(worker)}")]


def _how(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"by {signal.Signals(-code).name}"
    return f"with exit code {code}"


def _work(pipe: Connection, make: Make) -> None:
    """Be a worker: answer what comes, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked decides when it is over
    try:
        answer = make()
    except Exception as error:
        pipe.send(("unable", str(error) or type(error).__name__))
        return
    with suppress(EOFError, OSError):
        pipe.send(("ready", None))
        while True:
            pipe.send(("done", attempt(answer, pipe.recv())))
