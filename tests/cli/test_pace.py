"""How fast something goes, and how long it still takes."""

from barque.cli.console import Pace


def pace_at(seconds):
    told = iter(seconds)
    return Pace(lambda: next(told))


def test_rate_and_time_left_are_said():
    pace = pace_at([0.0, 2.0])

    first, later = pace.words("Trying", 0, 200), pace.words("Trying", 70, 200)

    assert first == ""
    assert later == "70 of 200, 35/s, 4 s left"


def test_what_was_done_before_is_no_speed():
    pace = pace_at([0.0, 10.0])
    pace.words("Trying", 100, 200)

    assert pace.words("Trying", 120, 200) == "120 of 200, 2/s, 40 s left"


def test_of_an_unknown_total_nothing_is_said():
    pace = pace_at([0.0, 5.0])
    pace.words("Compiling", 0, 0)

    assert pace.words("Compiling", 3, 0) == ""
