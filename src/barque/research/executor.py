"""The port to whoever does many pieces of work that do not depend on one another."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from barque.domain.errors import BarqueError

T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Done(Generic[T, A]):
    """A task that is over: with its answer, or with the reason why there is none, in words."""

    task: T
    answer: A | None
    failure: str | None = None


class Executor(Protocol):
    """Does pieces of work, on this machine or on others.

    `make` makes what answers a task; each worker calls it once, before its first task. Tasks are
    taken one by one, not long before they are begun, and each is over exactly once, in any order.
    What raises, or kills its worker twice, is over with a `failure`; the rest goes on. Whoever
    stops asking stops the work: no worker is left then.
    """

    def run(
        self, make: Callable[[], Callable[[T], A]], tasks: Iterable[T]
    ) -> Generator[Done[T, A], None, None]: ...


class InThisProcess:
    """Does one task after the other, here. A task that kills its worker kills all."""

    def run(
        self, make: Callable[[], Callable[[T], A]], tasks: Iterable[T]
    ) -> Generator[Done[T, A], None, None]:
        answer: Callable[[T], A] | None = None
        for task in tasks:
            answer = answer or make()
            yield attempt(answer, task)


def attempt(answer: Callable[[T], A], task: T) -> Done[T, A]:
    """Answer a task; what it raises is its failure."""
    try:
        return Done(task, answer(task))
    except BarqueError as error:
        return Done(task, None, str(error))
    except Exception as error:
        said = str(error)
        return Done(task, None, f"{type(error).__name__}: {said}" if said else type(error).__name__)
