"""`barque sweep`: every point once, whatever happens, and the best with a grain of salt."""

import asyncio
import json
import signal
import subprocess
import time
import xml.etree.ElementTree as ET

import pytest

from barque.storage.sqlite import SqliteReader
from tests.cli.keyboard import REPOSITORY, answer, command, environment, type_in

STRATEGY = REPOSITORY / "tests" / "cli" / "counting.py"
MARKET = ("-i", "AAPL.XNAS", "--from", "2008-01-01", "--to", "2009-06-01", "--jobs", "1")


@pytest.fixture
def notes(tmp_path, monkeypatch):
    folder = tmp_path / "notes"
    folder.mkdir()
    monkeypatch.setenv("BARQUE_TEST_NOTES", str(folder))
    return folder


def lives(notes):
    return {int(file.name): len(file.read_text()) for file in notes.iterdir()}


def test_a_sweep_tries_every_point_and_counts_each_as_a_trial(home, tmp_path):
    picture = tmp_path / "map.svg"

    found = answer("sweep", "run", STRATEGY, "--vary", "level=1:6", *MARKET, "--picture", picture)

    run = answer("backtest", "show", found["answer"]["runs"][0])
    assert (found["points"], found["done"]) == (6, 6)
    assert found["answer"]["luck"]["trials"] == 6
    assert run["trials"] == 7, "the run that shows the chosen point is a look as well"
    assert run["parameters"]["level"] == found["chosen"]["level"]
    assert run["statistics"]["sharpe"] == found["answer"]["luck"]["sharpe"]
    assert found["best"][0]["sharpe"] == max(point["sharpe"] for point in found["best"])
    ET.fromstring(picture.read_text())


def test_each_point_is_the_backtest_it_would_be_alone(home):
    found = answer("sweep", "run", STRATEGY, "--vary", "level=2,5,9", *MARKET, "--fee", "0.001")

    for point in found["best"]:
        level = point["parameters"]["level"]
        alone = answer(
            "backtest", "run", STRATEGY, *MARKET[:-2], "--set", f"level={level}", "--fee", "0.001"
        )
        assert point["final_equity"] == alone["final_equity"]
        assert point["sharpe"] == alone["statistics"]["sharpe"]
        assert point["fills"] == len(alone["fills"]) > 0


def test_asked_again_a_sweep_is_answered_without_running_anything(home, notes):
    words = ("sweep", "run", STRATEGY, "--vary", "level=1:4", *MARKET)
    first = answer(*words)
    before = lives(notes)

    second = answer(*words)

    assert second == first
    assert lives(notes) == before
    assert [one["id"] for one in answer("sweep", "show")["sweeps"]] == [first["id"]]


@pytest.mark.system
def test_a_killed_sweep_goes_on_and_never_tries_a_point_that_is_done_again(home, notes):
    words = ("sweep", "run", STRATEGY, "--vary", "level=1:12", "--set", "slow=0.4", *MARKET)
    child = subprocess.Popen(
        command(*words), cwd=REPOSITORY, env=environment(), stderr=subprocess.PIPE, text=True
    )
    ended = time.monotonic() + 240
    while _done() < 3 and time.monotonic() < ended:
        time.sleep(0.1)
    child.kill()
    child.wait()
    child.stderr.close()
    before, kept = _at_rest(notes), _levels_done(home)

    found = answer(*words)

    after = lives(notes)
    others = set(range(1, 13)) - {found["chosen"]["level"]}  # that is run again, to be kept
    assert 3 <= len(kept) < 12
    assert found["done"] == 12
    assert all(after[level] == before[level] == 1 for level in others & kept)
    assert all(after[level] == before.get(level, 0) + 1 for level in others - kept)


def _at_rest(notes):
    """Wait for a worker that nobody listens to any more to end, which it does after its point."""
    before = None
    while before != (before := lives(notes)):
        time.sleep(4)
    return before


def _levels_done(home):
    async def ask():
        async with SqliteReader(home / "store.sqlite") as store:
            return {trial.number + 1 for trial in await store.sweep_trials(1)}

    return asyncio.run(ask())


def _done():
    result = type_in("sweep", "show", "--json")
    sweeps = json.loads(result.stdout).get("sweeps", []) if result.exit_code == 0 else []
    return sweeps[0]["done"] if sweeps else 0


@pytest.mark.system
def test_an_interrupted_sweep_keeps_what_was_done(home, notes):
    words = ("sweep", "run", STRATEGY, "--vary", "level=1:12", "--set", "slow=0.4", *MARKET)
    child = subprocess.Popen(
        command(*words), cwd=REPOSITORY, env=environment(), stderr=subprocess.PIPE, text=True
    )
    ended = time.monotonic() + 240
    while len(lives(notes)) < 4 and time.monotonic() < ended:
        time.sleep(0.1)

    child.send_signal(signal.SIGINT)
    code = child.wait(60)
    child.stderr.close()

    assert code == 130
    assert 1 <= _done() < 12
    assert answer(*words)["done"] == 12


@pytest.mark.system
def test_a_point_that_kills_its_process_is_reported_and_the_rest_is_done(home, notes):
    words = ("sweep", "run", STRATEGY, "--vary", "level=1:5", "--set", "fatal=3", *MARKET)

    found = answer(*words)

    assert found["done"] == 5
    assert lives(notes)[3] == 2
    assert sorted(point["parameters"]["level"] for point in found["best"]) == [1, 2, 4, 5]


def test_what_is_held_out_is_not_seen_by_the_choice(home):
    whole = ("sweep", "run", STRATEGY, "--vary", "level=1:5", "-i", "AAPL.XNAS", "--jobs", "1")
    span = ("--from", "2005-01-01", "--to", "2010-01-01")

    found = answer(*whole, *span, "--split", "0.6")

    first, second = (answer("backtest", "show", run) for run in found["answer"]["runs"])
    assert first["end"] < second["start"]
    assert (second["start"] - first["end"]) < 5 * 86_400 * 10**9
    assert second["trials"] == 1
    assert found["answer"]["held_out"]["sharpe"] == second["statistics"]["sharpe"]
    assert found["data_hash"] == first["data_hash"] != second["data_hash"]


def test_the_page_of_the_choice_shows_the_sweep(home, tmp_path):
    page = tmp_path / "page.html"
    found = answer("sweep", "run", STRATEGY, "--vary", "level=1:5", *MARKET)

    shown = type_in("sweep", "show", found["id"], "--to", page)

    assert shown.exit_code == 0, shown.output
    assert "How it was chosen" in page.read_text()
    assert "looked at 5 times" in page.read_text()
    assert "best plateaus" in shown.stdout
    assert "one of 5 trials" in shown.stdout


def test_points_drawn_by_the_same_seed_are_the_same_sweep(home):
    words = ("sweep", "run", STRATEGY, "--vary", "level=1:50", "--vary", "other=0.1:0.9", *MARKET)

    one, again, other = (
        answer(*words, "--random", "4", "--seed", seed) for seed in ("1", "1", "2")
    )

    assert one == again
    assert one["id"] != other["id"]
    assert one["points"] == 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--vary", "nothing=1:3"), "No parameter is called 'nothing'"),
        (("--vary", "level=3:1"), "FROM below TO"),
        (("--vary", "other=0.1:0.9"), "needs a step"),
        (("--vary", "level=1:3", "--set", "level=2"), "set and varied"),
        (("--vary", "level=1:3", "--set", "nothing=2"), "No parameter is called 'nothing'"),
        (("--vary", "level=1:3", "--objective", "luck"), "The objective is 'luck'"),
        (("--vary", "level=1:3", "--split", "1.5"), "The split is 1.5"),
        (("--vary", "level=1:3", "--split", "0.0001"), "None of the 3 points has a sharpe"),
        (("--vary", "level=1:3", "--jobs", "0"), "0 processes"),
        (("--vary", "level=1:3", "--picture", "map.png"), "must end in .svg"),
        (("--vary", "level=1:3", "--from", "2030-01-01"), "ends before it begins"),
        (("--vary", "level=300:302"), "None of the 3 points has a sharpe"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_one_line(home, more, said):
    result = type_in("sweep", "run", STRATEGY, *MARKET[:-2], "--jobs", "1", *more)

    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_without_a_sweep_there_is_none_to_show(empty_home):
    result = type_in("sweep", "show")

    assert result.exit_code == 3
    assert "`barque sweep run`" in result.stderr
