import asyncio
from decimal import Decimal
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.storage.store import RunRecord
from tests.service.conftest import Desk
from tests.service.made_up import INSTRUMENTS

API = "/api/v1"


def test_an_account_comes_with_the_cursor_of_all_its_lists(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        account = (await client.get(f"{API}/accounts/demo")).json()

        events = await desk.store.account_events(desk.trader.account.id, account["seq"])
        assert events == []
        assert account["seq"] == desk.trader.seq - 1
        assert account["instruments"] == [instrument.id for instrument in INSTRUMENTS]
        assert [a["name"] for a in (await client.get(f"{API}/accounts")).json()] == ["demo"]

    at_the_desk(session)


def test_amounts_are_plain_decimal_strings(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        positions = (await client.get(f"{API}/accounts/demo/positions")).json()
        equity = (await client.get(f"{API}/accounts/demo/equity")).json()

        amounts = [p[name] for p in positions for name in ("quantity", "cost", "last", "value")]
        amounts += [point["equity"] for point in equity]
        assert amounts
        assert all(format(Decimal(text), "f") == text for text in amounts)
        worth = sum(Decimal(p["value"]) for p in positions) + Decimal(equity[-1]["cash"])
        assert worth == Decimal(equity[-1]["equity"])

    at_the_desk(session)


def test_orders_are_newest_first_and_can_be_read_on_from_an_id(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        orders = (await client.get(f"{API}/accounts/demo/orders")).json()
        working = (await client.get(f"{API}/accounts/demo/orders?working=true")).json()
        rest = await client.get(f"{API}/accounts/demo/orders?before={orders[2]['order_id']}")

        ids = [order["order_id"] for order in orders]
        assert ids == sorted(ids, reverse=True)
        assert rest.json() == orders[3:]
        assert {order["state"] for order in working} == {"ACCEPTED"}
        refused = [order for order in orders if order["state"] == "REFUSED"]
        assert refused[0]["why"] == "the order's notional exceeds its limit"

    at_the_desk(session, slices=60)


def test_fills_after_a_cursor_are_those_that_were_not_seen(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        fills = (await client.get(f"{API}/accounts/demo/fills")).json()
        later = (await client.get(f"{API}/accounts/demo/fills?after={fills[3]['seq']}")).json()

        assert later == fills[4:]
        assert {fill["side"] for fill in fills} <= {"BUY", "SELL"}

    at_the_desk(session)


def test_the_journal_tells_every_record_with_its_facts(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        journal = (await client.get(f"{API}/accounts/demo/journal?after=0&limit=1000")).json()
        signals = (await client.get(f"{API}/accounts/demo/signals")).json()

        assert [entry["seq"] for entry in journal] == list(range(1, len(journal) + 1))
        last = [entry["payload"] for entry in journal if entry["type"] == "signal"][-4:]
        assert {s["instrument"]: s["exposure"] for s in last} == {
            s["instrument"]: s["exposure"] for s in signals
        }

    at_the_desk(session, slices=20)


def test_the_journal_leaves_out_what_was_not_asked_for(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        journal = (await client.get(f"{API}/accounts/demo/journal?after=0&limit=1000")).json()
        path = f"{API}/accounts/demo/journal?types=filled,refused"
        newest = (await client.get(f"{path}&limit=7")).json()
        later = (await client.get(f"{path}&after={newest[2]['seq']}")).json()

        wanted = [entry for entry in journal if entry["type"] in ("filled", "refused")]
        assert len(wanted) > 7
        assert newest == wanted[-7:]
        assert later == newest[3:]

    at_the_desk(session, slices=20)


def test_bars_are_the_last_before_a_time_in_money(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        every = (await client.get(f"{API}/bars?instrument=MSFT.XNAS&limit=1000")).json()
        three = await client.get(
            f"{API}/bars?instrument=MSFT.XNAS&limit=3&before={every[20]['ts']}"
        )

        assert len(every) == 40
        assert three.json() == every[17:20]
        for bar in every:
            assert Decimal(bar["low"]) <= Decimal(bar["open"]) <= Decimal(bar["high"])
            assert Decimal(bar["close"]) % INSTRUMENTS[1].tick == 0
            assert bar["start"] < bar["ts"]

    at_the_desk(session)


def test_instruments_say_how_their_numbers_are_written(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = (await client.get(f"{API}/instruments")).json()

        decimals = {i["symbol"]: (i["price_decimals"], i["quantity_decimals"]) for i in found}
        assert decimals == {"AAPL": (2, 0), "MSFT": (2, 0), "BTCUSDT": (1, 5), "EURUSD": (5, 0)}

    at_the_desk(session, slices=0)


def test_runs_are_listed_without_their_results_and_read_with_them(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        run = await desk.store.save_run(
            RunRecord(
                kind="backtest",
                spec={"strategy": "trend"},
                result={"equity": "1.5"},
                data_hash="d",
                code_version="c",
                created_ts=7,
            )
        )

        (listed,) = (await client.get(f"{API}/runs")).json()
        whole = (await client.get(f"{API}/runs/{run.id}")).json()

        assert "result" not in listed
        assert whole == listed | {"result": {"equity": "1.5"}}

    at_the_desk(session, slices=0)


def test_an_account_that_has_not_begun_is_empty_and_not_an_error(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        for part in ("orders", "fills", "positions", "equity", "signals", "journal"):
            found = await client.get(f"{API}/accounts/demo/{part}")

            assert (found.status_code, found.json()) == (200, [])

    at_the_desk(session, slices=0)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/accounts/dmo", 404, "unknown_name"),
        ("/accounts/dmo/orders", 404, "unknown_name"),
        ("/bars?instrument=APPL.XNAS", 404, "unknown_name"),
        ("/bars", 422, "bad_input"),
        ("/runs/1", 404, "unknown_name"),
        ("/runs/one", 422, "bad_input"),
        ("/accounts/demo/orders?limit=0", 422, "bad_input"),
        ("/accounts/demo/fills?after=-1", 422, "bad_input"),
        ("/accounts/demo/journal?types=filed", 400, "bad_input"),
        ("/accounts/demo/journal?types=filled,", 400, "bad_input"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_every_mistake_has_the_one_shape(at_the_desk, path: str, status: int, code: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get(API + path)

        assert found.status_code == status
        assert set(found.json()) == {"code", "detail"}
        assert found.json()["code"] == code

    at_the_desk(session, slices=1)


def test_a_near_miss_is_told_what_was_meant(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get(f"{API}/bars?instrument=APPL.XNAS")

        assert "Did you mean 'AAPL.XNAS'?" in found.json()["detail"]

    at_the_desk(session, slices=1)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(at_the_desk, method: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        for path in ("/accounts", "/accounts/demo", "/accounts/demo/orders", "/bars", "/runs"):
            found = await client.request(method, API + path, json={})

            assert found.status_code in (404, 405)
            assert set(found.json()) == {"code", "detail"}

    at_the_desk(session, slices=1)


def test_a_failure_of_ours_is_500_in_the_one_shape_and_keeps_its_inside(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        del desk.market.bars  # the fault: the market can no longer be read

        found = await client.get(f"{API}/bars?instrument=AAPL.XNAS")

        assert found.status_code == 500
        assert found.json()["code"] == "internal"
        assert "bars" not in found.json()["detail"]
        assert found.headers["x-request-id"] in found.json()["detail"]
        assert "AttributeError" in desk.lines.getvalue()

    at_the_desk(session, slices=1)


@pytest.mark.parametrize(
    "path",
    ["/%00", "/a%00b.js", "/..%2f..%2fserver.py", "/%2e%2e/app.py", "/" + "x" * 5_000, "/%ff"],
)
def test_no_path_leads_out_of_the_page_or_breaks_it(at_the_desk, path: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get(httpx.URL(client.base_url).copy_with(raw_path=path.encode()))

        assert found.status_code == 404
        assert set(found.json()) == {"code", "detail"}

    at_the_desk(session, slices=0)


ROUTES = [
    "/accounts/{}",
    "/accounts/{}/orders",
    "/accounts/{}/fills",
    "/accounts/{}/equity",
    "/accounts/{}/journal",
    "/bars",
    "/runs",
    "/runs/{}",
]
PARAMETERS = ["limit", "before", "after", "working", "points", "instrument", "types"]
values = st.one_of(
    st.text(max_size=70),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["demo", "AAPL.XNAS", "nan", "1e9", "0", "true", "%00", "\x00", "'; --", ".", "..", ""]
    ),
)
queries = st.lists(
    st.tuples(
        st.sampled_from(ROUTES),
        st.sampled_from(["demo", "1"]) | values,
        st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=4),
    ),
    min_size=8,
    max_size=8,
)


def test_whatever_is_asked_the_answer_is_never_a_500(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        loop = asyncio.get_running_loop()

        @given(queries)
        def ask(asked) -> None:
            asyncio.run_coroutine_threadsafe(_ask_all(client, asked), loop).result(30)

        await asyncio.to_thread(ask)

    at_the_desk(session, slices=5)


async def _ask_all(client: httpx.AsyncClient, asked) -> None:
    for route, name, query in asked:
        path = API + route.replace("{}", quote(name, safe=""))
        found = await client.get(path, params=query)

        assert found.status_code in (200, 400, 404, 422), (route, name, query, found.text)
