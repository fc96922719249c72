"""A venue that is busy is asked again, as it wishes, and not for ever."""

import pytest

from barque.data.download.patience import LONGEST_WAIT, TRIES, Busy, patiently
from barque.data.download.wire import at_host, seconds_to_wait
from barque.domain.errors import CannotContinue


class Line:
    """A venue that is busy as often as it is told, then answers."""

    def __init__(self, *waits: float | None) -> None:
        self.waits = list(waits)
        self.slept: list[float] = []
        self.told: list[str] = []

    def ask(self) -> str:
        if self.waits:
            raise Busy("too many", self.waits.pop(0))
        return "bars"

    def answer(self) -> str:
        return patiently(self.ask, "sim", self.told.append, self.slept.append)


def test_it_waits_as_long_as_the_venue_asks_for_else_longer_each_time() -> None:
    line = Line(None, 7.0, None)

    assert line.answer() == "bars"
    assert line.slept == [1.0, 7.0, 4.0]
    assert line.told[1] == "sim is busy; asking again in 7 s"


def test_it_gives_up_after_so_many_times_and_says_how_to_go_on() -> None:
    line = Line(*[0.0] * TRIES)

    with pytest.raises(CannotContinue, match=r"did not answer 5 times.*run this again"):
        line.answer()

    assert len(line.slept) == TRIES - 1


def test_it_does_not_wait_for_hours() -> None:
    line = Line(LONGEST_WAIT + 1)

    with pytest.raises(CannotContinue, match="asked again in 121 s, not before"):
        line.answer()

    assert line.slept == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("0.5", 0.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("nan", None),
        ("-3", None),
        ("soon", None),
        (None, None),
    ],
)
def test_what_a_header_asks_for(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, now=60.0) == seconds


def test_an_address_moves_to_another_host_with_its_path() -> None:
    assert (
        at_host("https://api.x.com/v3/a?b=1", "http://127.0.0.1:9") == "http://127.0.0.1:9/v3/a?b=1"
    )
