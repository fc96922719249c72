import json
import logging
from io import StringIO

import pytest
import structlog

from barque.telemetry import Log, forward_standard_logs, open_log


@pytest.fixture
def lines() -> StringIO:
    return StringIO()


@pytest.fixture
def log(lines: StringIO) -> Log:
    return open_log(lines)


def read(lines: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_begins_with_when_how_bad_and_what(log: Log, lines: StringIO) -> None:
    log.info("order placed", quantity=3, venue="XNAS", account="demo")

    (line,) = read(lines)
    assert list(line) == ["ts", "level", "event", "account", "venue", "quantity"]
    assert str(line["ts"]).endswith("Z")


def test_what_is_bound_for_a_while_is_on_every_line_until_then(log: Log, lines: StringIO) -> None:
    with structlog.contextvars.bound_contextvars(trace_id="abc", intent_id="BQ-1-7"):
        log.info("inside")
    log.info("outside")

    inside, outside = read(lines)
    assert (inside["trace_id"], inside["intent_id"]) == ("abc", "BQ-1-7")
    assert "trace_id" not in outside


def test_what_is_below_the_level_is_not_written(lines: StringIO) -> None:
    log = open_log(lines, "warning")

    log.info("chatter")
    log.warning("heed")

    assert [line["event"] for line in read(lines)] == ["heed"]


def test_an_exception_is_one_line_with_its_traceback(log: Log, lines: StringIO) -> None:
    try:
        raise ValueError("broken rudder")
    except ValueError as error:
        log.error("stopped", exc_info=error)

    (line,) = read(lines)
    assert "ValueError: broken rudder" in str(line["exception"])


def test_a_librarys_own_log_comes_out_in_the_same_form(log: Log, lines: StringIO) -> None:
    library = logging.getLogger("a.library")
    library.setLevel(logging.INFO)
    forward_standard_logs(log, "a.library")

    library.warning("disk at %d %%", 91)

    (line,) = read(lines)
    assert (line["level"], line["event"], line["logger"]) == (
        "warning",
        "disk at 91 %",
        "a.library",
    )
