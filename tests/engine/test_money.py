"""Law 4 with everything that costs: any terms, any currency, to the last unit."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import cash_units
from barque.domain.margin import CashAccount
from barque.domain.orders import Halt, Reason, Side
from barque.engine.engine import Engine
from barque.kernels import layout as at
from tests.engine.histories import scripted
from tests.engine.money_histories import Life, life, lives
from tests.engine.money_oracle import MoneyOracle
from tests.engine.test_recovery import same_memory, same_state, slices

CASH_RECORDS = {
    at.DIVIDEND_PAID: at.A0,
    at.FUNDED: at.A0,
    at.INTEREST_PAID: at.A0,
    at.SETTLED: at.A4,
}
"""The kinds of record that pay, beside fills, and the column that says how much."""

BY_SPLIT = (Reason.REVERSE_SPLIT, Reason.TOO_SMALL)


def opened(one: Life) -> Engine:
    return Engine(scripted(one.past.script), one.past.instruments, **one.engine_arguments)


def currencies_of(one: Life) -> list[str]:
    return ["USD", *sorted({i.currency for i in one.past.instruments} - {"USD"})]


def recount(one: Life) -> MoneyOracle:
    terms, currencies = one.terms, currencies_of(one)
    oracle = MoneyOracle(
        list(one.past.instruments),
        0,
        currencies=currencies,
        costs=terms.costs,
        limits=terms.limits,
        margin=terms.margin,
        cashes={c: cash_units(amount, c) for c, amount in terms.cash.items()},
    )
    bars = 0
    for row in one.past.events.tolist():
        oracle.event(row)
        if row[at.FLAGS] & EventFlag.ENDS_SLICE:
            oracle.curve.append(oracle.equity)
        if row[at.KIND] == EventKind.BAR:
            for r in one.past.script.get(bars, ()):
                oracle.request(row[at.TS], r.i, r.type, r.side, r.quantity, r.price, r.tif)
            bars += 1
    return oracle


def cash_in(state, currencies: list[str]) -> dict[str, int]:
    account = state.account
    first = at.ACCOUNT_WIDTH + at.CURRENCY_CASH
    foreign = account[first :: at.CURRENCY_WIDTH][: len(currencies)].tolist()
    return dict(zip(currencies, [int(account[at.CASH]), *foreign[1:]], strict=True))


@given(lives())
@settings(max_examples=250)
def test_every_amount_on_any_terms_is_what_fractions_say(one: Life) -> None:
    engine, oracle = opened(one), recount(one)

    outcome = engine.process(one.past.events)

    records, table = outcome.records, engine.state.instruments
    assert engine.state.account[at.HALTED] != Halt.NUMBER_RANGE
    refused = records[records[:, at.RECORD_KIND] == at.REFUSED]
    reasons = {k: v for k, v in oracle.reasons.items() if v}
    assert dict(refused[:, [at.A0, at.A6]].tolist()) == reasons
    canceled = records[records[:, at.RECORD_KIND] == at.CANCELED][:, [at.A0, at.A1]].tolist()
    assert {k: v for k, v in canceled if v not in BY_SPLIT} == oracle.canceled
    fills = records[records[:, at.RECORD_KIND] == at.FILLED]
    signed = fills[:, at.A1] * fills[:, at.A2]
    columns = (fills[:, at.A0], signed, fills[:, at.A3], fills[:, at.A4], fills[:, at.A5])
    assert [tuple(row) for row in np.column_stack(columns).tolist()] == oracle.fills
    assert outcome.curve[:, at.CURVE_EQUITY].tolist() == oracle.curve
    assert cash_in(engine.state, currencies_of(one)) == oracle.cashes
    for row, holding in zip(table, oracle.holdings, strict=True):
        kept = [row[at.POSITION], row[at.COST], row[at.LAST], row[at.REALIZED]]
        assert kept == [holding.position, holding.cost, holding.last, holding.realized]
    assert engine.state.account[at.HALTED] == oracle.halted
    assert engine.state.account[at.LIQUIDATED] == oracle.closing_out
    if engine.state.account[at.WATCHED] & at.WATCH_EXPOSURE:
        assert engine.state.account[at.MAINTENANCE_MARGIN] == oracle.maintenance
        sides = [oracle.sides(i) for i in range(len(table))]
        bound = sum(oracle.initial(i, side) for i, side in enumerate(sides))
        assert engine.state.account[at.INITIAL_MARGIN] == bound
        assert engine.state.account[at.GROSS] == sum(max(map(abs, side)) for side in sides)


@given(lives())
@settings(max_examples=120)
def test_records_explain_every_unit_of_cash_in_every_currency(one: Life) -> None:
    engine, currencies = opened(one), currencies_of(one)

    records = engine.process(one.past.events).records

    table = engine.state.instruments
    paid: Counter[str] = Counter()
    for row in records.tolist():
        kind, i = row[at.RECORD_KIND], row[at.RECORD_INSTRUMENT]
        c = table[i, at.CURRENCY]
        if kind == at.FILLED:
            exchanged = row[at.A8] if table[i, at.MARGINED] else -row[at.A4]
            paid[currencies[c]] += exchanged - row[at.A5]
        elif kind == at.SPLIT_APPLIED:
            paid[currencies[c]] += row[at.A4] - (row[at.A5] if table[i, at.MARGINED] else 0)
        elif kind == at.INTEREST_PAID:
            paid[currencies[row[at.A3]]] += row[at.A0]
        elif kind in CASH_RECORDS:
            paid[currencies[c]] += row[CASH_RECORDS[kind]]
    began = {c: cash_units(one.terms.cash.get(c, Decimal(0)), c) for c in currencies}
    assert cash_in(engine.state, currencies) == {c: began[c] + paid[c] for c in currencies}


@given(lives())
@settings(max_examples=80)
def test_sums_that_are_kept_are_the_sums_of_their_parts(one: Life) -> None:
    engine = opened(one)

    for part in slices(one.past.events):
        engine.process(part)
        account, table = engine.state.account, engine.state.instruments
        home = table[table[:, at.CURRENCY] == 0]
        blocks = account[at.ACCOUNT_WIDTH :][: account[at.CURRENCIES] * at.CURRENCY_WIDTH]
        worth = blocks.reshape(-1, at.CURRENCY_WIDTH)[1:, at.CURRENCY_WORTH].sum()
        assert account[at.POSITION_VALUE] == home[:, at.VALUE].sum()
        assert account[at.FOREIGN] == worth
        assert account[at.EQUITY] == (
            account[at.CASH] + account[at.POSITION_VALUE] + account[at.FOREIGN]
        )
        assert account[at.INITIAL_MARGIN] == table[:, at.MARGIN_BOUND].sum()
        assert account[at.MAINTENANCE_MARGIN] == table[:, at.MARGIN_KEPT].sum()


@given(lives(), st.floats(0, 1))
@settings(max_examples=100)
def test_an_account_on_any_terms_is_recovered_as_it_was(one: Life, share: float) -> None:
    engine, parts = opened(one), slices(one.past.events)
    outcomes = [engine.process(part) for part in parts]
    records = np.concatenate([o.records for o in outcomes])
    cut = int(share * len(parts))
    seen = sum(map(len, parts[:cut]))
    facts = records[records[:, at.RECORD_AT] <= seen]
    recovered = opened(one)

    known = recovered.recall(one.past.events[:seen], facts)
    rest = [recovered.process(part) for part in parts[cut:]]

    np.testing.assert_array_equal(np.concatenate([facts, *(r.records for r in rest)]), records)
    curve = np.concatenate([o.curve for o in outcomes])
    np.testing.assert_array_equal(np.concatenate([known, *(r.curve for r in rest)]), curve)
    same_state(engine, recovered)
    same_memory(engine, recovered)


@given(lives())
@settings(max_examples=80)
def test_a_cash_account_never_owes_what_it_paid_for_and_never_is_short(one: Life) -> None:
    terms = {**one.engine_arguments, "margin": CashAccount()}
    quiet = (EventKind.BAR, EventKind.SPLIT)  # a fee or a dividend may still be owed
    events = one.past.events[np.isin(one.past.events[:, at.KIND], quiet)]
    engine = Engine(scripted(one.past.script), one.past.instruments, **terms)
    table = engine.state.instruments

    for row in events:
        before = cash_in(engine.state, currencies_of(one))
        records = engine.process(row[None]).records
        bought = (records[:, at.RECORD_KIND] == at.FILLED) & (records[:, at.A1] == Side.BUY)
        for i in records[bought][:, at.RECORD_INSTRUMENT].tolist():
            currency = one.past.instruments[i].currency
            if not table[i, at.MARGINED]:
                assert cash_in(engine.state, currencies_of(one))[currency] >= min(
                    0, before[currency]
                )
        assert (table[:, at.POSITION] >= 0).all()


@pytest.mark.parametrize("kind", [EventKind.EXPIRY, EventKind.DELISTING])
def test_after_its_end_nothing_of_an_instrument_trades(kind: EventKind) -> None:
    one = life(5, 1, 12)
    ends = one.past.events[6:7].copy()
    ends[0, [at.KIND, at.SETTLEMENT_PRICE]] = kind, 0
    events = np.concatenate([one.past.events[:6], ends, one.past.events[6:]])
    events[7:, [at.TS, at.START]] += 1
    engine = opened(one)

    records = engine.process(events).records

    after = records[records[:, at.RECORD_AT] > 7]
    assert engine.state.instruments[0, at.POSITION] == 0
    assert not np.isin(after[:, at.RECORD_KIND], (at.ACCEPTED, at.FILLED)).any()
