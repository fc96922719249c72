import json

import pytest

from benchmarks import market, reference
from benchmarks.entrants import ENTRANTS, Entrant, Role
from benchmarks.environments import REPOSITORY, pins_of
from benchmarks.reference import NEXT_OPEN
from benchmarks.rows import Bench, Row, Status, forecast_megabytes, forecast_seconds

SIZES = (2_000, 3_000)


def entrant(style):
    return Entrant(name=style, role=Role.PEER, module="tests.benchmarks.exact_engine", style=style)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    market.save(market.generate(max(SIZES)), folder)
    for bars in SIZES:
        reference.save(bars, folder)
    return folder


def test_a_right_engine_is_measured_and_found_right(data, tmp_path):
    rows = Bench(data, tmp_path).measure_all([entrant("right")], SIZES, lambda text: None)

    assert [row.status for row in rows] == [Status.MEASURED] * 2
    for row, bars in zip(rows, SIZES, strict=True):
        assert row.figures["fills_are"] == NEXT_OPEN
        assert row.figures["equity_error"] == 0
        assert row.figures["fills"] == len(reference.load(bars, NEXT_OPEN, data).fills)
        assert row.figures["bars_per_s"] == pytest.approx(bars / row.seconds)
        assert row.figures["peak_mb"] > 10


def test_a_missing_fill_is_noticed(data, tmp_path):
    [row] = Bench(data, tmp_path).measure_all([entrant("forgetful")], [2_000], lambda text: None)

    assert row.figures["fills_are"] is None
    assert row.figures["expected_fills"] == row.figures["fills"] + 1


def test_a_failing_engine_fails_alone_and_is_not_tried_again(data, tmp_path):
    entrants = [entrant("broken"), entrant("right")]

    rows = Bench(data, tmp_path).measure_all(entrants, SIZES, lambda text: None)

    assert [row.status for row in rows] == [Status.FAILED, Status.MEASURED] * 2
    assert rows[0].reason == rows[2].reason == "RuntimeError: no engine today"


def test_a_kept_row_is_not_measured_again_until_it_is_forgotten(data, tmp_path):
    bench = Bench(data, tmp_path)
    bench.measure_all([entrant("right")], [2_000], lambda text: None)
    [file] = tmp_path.glob("right-*.2000.json")
    marked = json.loads(file.read_text()) | {"reason": "kept"}
    file.write_text(json.dumps(marked))

    bench.forget([entrant("forgetful")])
    [again] = bench.measure_all([entrant("right")], [2_000], lambda text: None)
    bench.forget([entrant("right")])
    [fresh] = bench.measure_all([entrant("right")], [2_000], lambda text: None)

    assert again.reason == "kept"
    assert fresh.reason == ""


def test_what_is_not_named_is_reported_as_it_was_kept(data, tmp_path):
    bench, both = Bench(data, tmp_path), [entrant("right"), entrant("forgetful")]
    bench.measure_all(both[:1], [2_000], lambda text: None)
    [file] = tmp_path.glob("right-*.2000.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"reason": "kept"}))

    kept, named = bench.measure_all(both, [2_000], lambda text: None, both[1:])
    other, nothing = bench.measure_all(both, [3_000], lambda text: None, [])

    assert (kept.status, kept.reason) == (Status.MEASURED, "kept")
    assert named.status == Status.MEASURED
    assert other.status == nothing.status == Status.PUT_OFF


def row(bars, seconds, **figures):
    status = Status.MEASURED if figures else Status.TOO_SLOW
    return Row(entrant="right", bars=bars, status=status, seconds=seconds, figures=figures)


def test_an_engine_that_would_take_too_long_is_not_started(data, tmp_path, monkeypatch):
    bench, told = Bench(data, tmp_path), []
    bench.measure_all([entrant("right")], [2_000], told.append)
    [file] = tmp_path.glob("*.2000.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seconds": 250.0}))

    slow = bench.measure_all([entrant("right")], SIZES, told.append)[1]

    assert slow.status == Status.TOO_SLOW
    assert slow.seconds == 375.0
    assert told[-1].endswith("over five minutes (estimated 375 s)")


def test_time_is_forecast_in_proportion_or_as_steep_as_it_was():
    small, middle, steep = row(100, 1.0), row(1_000, 8.0), row(1_000, 20.0)

    assert forecast_seconds(100, []) is None
    assert forecast_seconds(1_000, [small]) == 10.0
    assert forecast_seconds(10_000, [small, middle]) == 80.0
    assert forecast_seconds(10_000, [small, steep]) == 400.0


def test_memory_is_forecast_along_a_straight_line():
    rows = [row(100, 1.0, peak_mb=60.0), row(1_000, 10.0, peak_mb=150.0)]

    assert forecast_megabytes(1_000, rows[:1]) == 0.0
    assert forecast_megabytes(10_000, rows) == pytest.approx(1_050.0)


def test_every_entrant_has_a_script_and_pins():
    for one in ENTRANTS:
        assert (REPOSITORY / (one.module.replace(".", "/") + ".py")).exists()
        if one.environment is not None:
            pins = pins_of(one.environment).read_text().splitlines()
            assert all("==" in pin for pin in pins if not pin.startswith("#"))
    assert len({one.name for one in ENTRANTS}) == len(ENTRANTS)
