"""An account keeps the terms it was opened on, and trades on them."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest

from barque.bootstrap.account import engine_of, epoch_of, has_terms, specification
from barque.bootstrap.demonstration import DEMONSTRATION
from barque.bootstrap.home import Home
from barque.bootstrap.prepare import Market
from barque.bootstrap.terms import terms_of
from barque.bootstrap.trading import account_of
from barque.data.catalog import Catalog
from barque.domain.errors import CannotContinue
from barque.engine.engine import Engine
from barque.features import DEFAULT_FEATURES
from barque.kernels import layout as at
from barque.models.files import schedule_to_bytes
from barque.models.schedule import ModelSchedule
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account
from barque.strategies.learned import Learned
from tests.models.examples import random_trees
from tests.research.markets import stocks

SCHEDULE = ModelSchedule(
    usable_from=(30,), trees=(random_trees(1, features=len(DEFAULT_FEATURES.names)),)
)
INSTRUMENTS = tuple(stocks(2))
WORDS = {
    "cash": "50000",
    "fees": {"model": "per_share", "each": "0.005", "minimum": "1"},
    "slippage": {"model": "ticks", "ticks": 2},
    "margin": {"model": "reg_t"},
    "limits": {"gross": "90000", "orders": 9, "window": "1m"},
    "rules": {"latency": "150ms", "participation": "0.1", "touch_fills": False},
}
ON_TERMS = replace(DEMONSTRATION, terms=terms_of(WORDS, "these"))

EARLIER = {
    "feed": "us-equity-daily", "model": "us-equity-daily.safetensors", "cash": "1000000",
    "costs": {"fee": "0.0001", "fee_per_unit": "0", "slippage": "0.0002"},
    "limits": {"position": None, "notional": "250000", "price_band": "0.2"},
    "history": 5, "data_hash": "abc",
}  # fmt: skip
"""What an account was opened with before there were terms."""


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.models.mkdir()
    (home.models / "us-equity-daily.safetensors").write_bytes(schedule_to_bytes(SCHEDULE))
    return home


def account(spec) -> Account:
    return Account(
        id=1, name="paper", strategy="learned", currency="USD", created_ts=0,
        instruments=INSTRUMENTS, spec=json.loads(json.dumps(spec)),
    )  # fmt: skip


def opened(demo=ON_TERMS) -> Account:
    return account(specification(demo, history=5, data_hash="abc"))


def same_state(one: Engine, other: Engine) -> None:
    np.testing.assert_array_equal(one.state.account, other.state.account)
    np.testing.assert_array_equal(one.state.instruments, other.state.instruments)


def test_an_account_trades_on_the_terms_it_was_opened_on(home) -> None:
    engine = engine_of(home, opened())

    learned = Learned().taught(DEFAULT_FEATURES, SCHEDULE)
    same_state(engine, Engine(learned, INSTRUMENTS, **ON_TERMS.terms.arguments))
    assert engine.state.account[at.LATENCY] == 150_000_000
    assert engine.state.instruments[0, at.INITIAL_RATE] == 5 * 10**11


def test_an_account_of_an_earlier_version_trades_on(home) -> None:
    earlier = engine_of(home, account(EARLIER))

    same_state(earlier, engine_of(home, opened(DEMONSTRATION)))


def test_an_account_knows_its_terms() -> None:
    assert has_terms(opened(), ON_TERMS.terms)
    assert not has_terms(opened(), DEMONSTRATION.terms)
    assert has_terms(account(EARLIER), DEMONSTRATION.terms)


def test_another_fee_function_is_another_epoch(home, tmp_path) -> None:
    file = tmp_path / "fees.py"
    file.write_text("def fee(price, quantity, notional, is_maker):\n    return 1.0\n")
    words = {"fees": {"model": "own", "function": f"{file}:fee"}}
    own = opened(replace(DEMONSTRATION, terms=terms_of(words, "these")))
    before = epoch_of(home, own, engine_of(home, own))

    file.write_text("def fee(price, quantity, notional, is_maker):\n    return 2.0\n")

    assert epoch_of(home, own, engine_of(home, own)) != before
    usual = opened(DEMONSTRATION)
    assert "functions" not in epoch_of(home, usual, engine_of(home, usual)).words


def test_an_account_is_not_traded_on_other_terms_than_its_own(tmp_path) -> None:
    async def open_then_ask(demo):
        async with SqliteStore(tmp_path / "store.sqlite") as store:
            await store.create_account(
                name="paper", strategy="learned", currency="USD", instruments=INSTRUMENTS,
                created_ts=0, spec=opened().spec,
            )  # fmt: skip
            market = Market(Catalog(tmp_path / "catalog"), INSTRUMENTS, demo)
            return await account_of(store, market, "abc")

    with pytest.raises(CannotContinue, match="opened on other terms"):
        asyncio.run(open_then_ask(replace(DEMONSTRATION, terms=terms_of({"cash": "5"}, "x"))))
