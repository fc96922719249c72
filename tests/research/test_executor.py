"""What every executor promises, and what processes promise besides."""

import multiprocessing
from functools import partial

import pytest

from barque.domain.errors import BadInput, CannotContinue
from barque.research.executor import InThisProcess
from barque.research.processes import Processes
from tests.research import work

EXECUTORS = [InThisProcess(), Processes(2)]


@pytest.mark.parametrize("executor", EXECUTORS, ids=["here", "processes"])
def test_every_task_is_answered_once(executor):
    done = list(executor.run(work.squares, range(20)))

    assert sorted((one.task, one.answer) for one in done) == [(k, k * k) for k in range(20)]
    assert all(one.failure is None for one in done)


@pytest.mark.parametrize("executor", EXECUTORS, ids=["here", "processes"])
def test_what_raises_is_over_with_its_reason_and_the_rest_goes_on(executor):
    done = {one.task: one for one in executor.run(work.failing_at_three, range(6))}

    assert done[3].failure == "ValueError: three is too much"
    assert [done[k].answer for k in (0, 1, 2, 4, 5)] == [0, 1, 2, 4, 5]


@pytest.mark.parametrize("executor", EXECUTORS, ids=["here", "processes"])
def test_tasks_are_not_taken_long_before_they_are_begun(executor):
    taken = []

    def tasks():
        for k in range(1_000):
            taken.append(k)
            yield k

    answers = executor.run(work.squares, tasks())
    next(answers)
    answers.close()

    assert len(taken) <= 8


def test_a_task_whose_process_died_is_tried_once_more(tmp_path):
    done = list(Processes(2).run(partial(work.dying, tmp_path, 1), range(8)))

    assert sorted(one.answer for one in done) == list(range(8))
    assert (tmp_path / "3").read_text() == "xx"


def test_a_task_that_kills_twice_is_reported_and_nothing_else_is_lost(tmp_path):
    done = {one.task: one for one in Processes(2).run(partial(work.dying, tmp_path, 9), range(8))}

    assert "its process died twice" in done[3].failure
    assert "SIGKILL" in done[3].failure
    assert sorted(done[k].answer for k in done if k != 3) == [0, 1, 2, 4, 5, 6, 7]
    assert [len((tmp_path / str(k)).read_text()) for k in range(8)] == [1, 1, 1, 2, 1, 1, 1, 1]


def test_a_worker_that_cannot_begin_says_why():
    with pytest.raises(CannotContinue, match="no data here"):
        list(Processes(1).run(work.unable, range(3)))


def test_work_is_shared_among_processes():
    done = list(Processes(2).run(work.process_ids, range(40)))

    assert len({one.answer for one in done}) == 2


def test_whoever_stops_asking_leaves_no_process_behind():
    answers = Processes(1).run(work.squares, range(1_000))
    next(answers)

    answers.close()

    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_a_number_of_processes_that_cannot_be_is_refused(count):
    with pytest.raises(BadInput, match="processes"):
        Processes(count)
