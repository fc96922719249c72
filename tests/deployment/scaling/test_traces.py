"""Recorded demand is read line by line, and a bad line is named."""

from pathlib import Path

import pytest

from barque.deployment.scaling.traces import TRACES, find_trace
from barque.domain.errors import BadInput, UnknownName


def test_a_recorded_trace_holds_each_demand_until_the_next(tmp_path: Path) -> None:
    file = tmp_path / "monday.csv"
    file.write_text("seconds,demand\n0,1\n3,2.5\n4,0\n")

    trace = find_trace(str(file))

    assert trace.demand == (1, 1, 1, 2.5, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,demand\n0,1\n", "seconds, demand are needed"),
        ("seconds,demand\n0,1\n1,much\n", "line 3"),
        ("seconds,demand\n0,1\n1,nan\n", "line 3"),
        ("seconds,demand\n0,1\n1,-1\n", "line 3"),
        ("seconds,demand\n0,1\n90000,1\n", "line 3"),
        ("seconds,demand\n5,1\n5,1\n", "rising seconds"),
        ("seconds,demand\n0,1\n", "two rows or more"),
    ],
)
def test_bad_records_are_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)

    with pytest.raises(BadInput, match=words):
        find_trace(str(file))


def test_an_unknown_trace_is_told() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'spike'"):
        find_trace("spikes")


def test_all_traces_last_an_hour() -> None:
    assert {len(trace.demand) for trace in TRACES.values()} == {3_600}
