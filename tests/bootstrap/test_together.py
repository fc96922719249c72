"""What is done at once ends together, with the error that ended it."""

import asyncio

import pytest

from barque.bootstrap.together import together
from barque.domain.errors import CannotContinue


async def fails():
    await asyncio.sleep(0)
    raise CannotContinue("the disk is full")


def test_an_error_ends_the_others_and_is_raised_as_it_was():
    ended = []

    async def lasts():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("told")

    with pytest.raises(CannotContinue, match="the disk is full"):
        asyncio.run(together(lasts(), together(fails())))

    assert ended == ["told"]


def test_a_bug_is_raised_as_it_was():
    async def bug():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(together(bug()))
