"""`barque paper status`: complete lists and exact numbers, read from the store alone."""

import asyncio

import numpy as np
import pytest

from barque.bootstrap import paper
from barque.bootstrap.home import Home
from barque.kernels import layout as at
from barque.storage.market_log import MarketLogWriter
from barque.storage.sqlite import SqliteStore
from tests.cli.keyboard import answer, type_in
from tests.engine.histories import history
from tests.runtime.test_paper import fresh_engine, live

PAST = history(11, 3, 25)


@pytest.fixture
def traded(empty_home):
    asyncio.run(live(empty_home, PAST, told=len(PAST.events)))
    return empty_home


def test_all_fills_and_client_order_ids_are_told_however_many_pages_they_take(traded, monkeypatch):
    monkeypatch.setattr(paper, "PAGE", 3)
    expected = fresh_engine(PAST).process(PAST.events).records
    fills = expected[expected[:, at.RECORD_KIND] == at.FILLED]
    asked = np.isin(expected[:, at.RECORD_KIND], (at.ACCEPTED, at.REFUSED))

    found = answer("paper", "status")

    assert len(fills) > 6
    assert len(found["fills"]) == len(fills)
    assert len(found["client_order_ids"]) == asked.sum() == len(set(found["client_order_ids"]))
    assert {fill["client_order_id"] for fill in found["fills"]} <= set(found["client_order_ids"])


def test_numbers_are_exact_and_equal_the_engine(traded):
    engine = fresh_engine(PAST)
    engine.process(PAST.events)

    found = answer("paper", "status", "--account", "paper")

    held = {one["instrument"]: one["quantity"] for one in found["positions"]}
    assert int(found["equity"]["equity"].replace(".", "")) == engine.state.account[at.EQUITY]
    assert len(found["open_orders"]) == engine.state.account[at.WORKING_ORDERS]
    for instrument, row in zip(PAST.instruments, engine.state.instruments, strict=True):
        nothing, quantity = instrument.quantity(0), instrument.quantity(int(row[at.POSITION]))
        assert held.get(instrument.id, f"{nothing:f}") == f"{quantity:f}"


def test_a_person_sees_the_account_in_tables(traded):
    result = type_in("paper", "status")

    assert result.exit_code == 0, result.output
    assert "Positions" in result.stdout
    assert "Fills, the last" in result.stdout


def test_the_feed_of_the_account_is_told(empty_home):
    async def opened():
        async with SqliteStore(empty_home / "store.sqlite") as store:
            await store.create_account(
                name="mine", strategy="learned", currency="USD", instruments=PAST.instruments,
                created_ts=0, spec={"feed": "replay"},
            )  # fmt: skip

    asyncio.run(opened())
    with MarketLogWriter(Home(empty_home).market_log("replay")) as log:
        log.append(PAST.events[:7], 0)

    feed = answer("paper", "status")["feed"]

    last = int(PAST.events[6, at.TS])
    assert feed == {"name": "replay", "events": 7, "consumed": 0, "last_ts": last}


@pytest.mark.parametrize("words", [("paper", "status"), ("verify", "parity")])
def test_without_an_account_the_command_that_opens_one_is_named(empty_home, words):
    result = type_in(*words)

    assert result.exit_code == 3
    assert "There is no paper account" in result.stderr
    assert "`barque up`" in result.stderr


def test_an_account_that_is_not_there_is_answered_with_the_nearest(traded):
    result = type_in("paper", "status", "--account", "papr")

    assert result.exit_code == 2
    assert "Did you mean 'paper'?" in result.stderr
