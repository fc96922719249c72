"""Work for executors: functions of a module, as processes need them."""

import os
import signal
import time
from functools import partial
from pathlib import Path


def squares():
    return lambda task: task * task


def failing_at_three():
    def answer(task):
        if task == 3:
            raise ValueError("three is too much")
        return task

    return answer


def _die(folder: Path, task: int, deaths: int) -> int:
    """Die at task 3 as often as `deaths` says, and note every beginning."""
    with (folder / f"{task}").open("a") as note:
        note.write("x")
    if task == 3 and len((folder / "3").read_text()) <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def dying(folder: Path, deaths: int):
    return partial(_die_of, folder, deaths)


def _die_of(folder: Path, deaths: int, task: int) -> int:
    return _die(folder, task, deaths)


def unable():
    raise RuntimeError("no data here")


def process_ids():
    def answer(task):
        time.sleep(0.05)
        return os.getpid()

    return answer
