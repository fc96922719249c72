"""The door for terms: what it lets in is complete, and nothing else than BadInput comes out."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.bootstrap.terms import asked_terms, terms_of, terms_of_spec
from barque.bootstrap.terms.reading import parsed
from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Costs,
    MakerTaker,
    Percentage,
    PerContract,
    PerShare,
    Spread,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
    models_of,
)
from barque.domain.errors import BadInput
from barque.domain.margin import REG_T, UNLIMITED, CashAccount, Leverage
from barque.domain.orders import FillTime
from barque.domain.rules import Rules
from barque.research.terms import Terms
from barque.risk.limits import Limits

D = Decimal

FULL = """
currency = "USD"

[cash]
USD = "100000"
EUR = 5_000.50

[fees]
model = "per_share"
each = "0.005"
minimum = "1"
maximum = 0.01

[slippage]
model = "ticks"
ticks = 2

[margin]
model = "reg_t"

[limits]
gross = 1e6
orders = 10
window = "60s"

[rules]
fill_time = "next_quote"
latency = "1.5ms"
touch_fills = false
participation = 0.1

[of."EURUSD.FX".fees]
model = "maker_taker"
maker = "-0.0001"
taker = "0.0005"

[[of."EURUSD.FX".fees.tiers]]
volume = 1e6
maker = 0
taker = "0.0003"

[of."EURUSD.FX".margin]
model = "leverage"
leverage = 30
"""


def read(text: str, folder: Path = Path()) -> Terms:
    return terms_of(parsed(text.encode(), "t.toml"), "t.toml", folder)


def test_a_file_says_every_term_in_exact_numbers() -> None:
    terms = read(FULL)

    own = MakerTaker(
        maker=D("-0.0001"), taker=D("0.0005"), tiers=(Tier(D("1e6"), D(0), D("0.0003")),)
    )
    general = CostModels(
        fee=PerShare(each=D("0.005"), minimum=D(1), maximum=D("0.01")), slippage=Ticks(2)
    )
    assert terms.costs.fee == general.fee
    assert terms.costs.slippage == general.slippage
    assert terms.costs.of == {"EURUSD.FX": CostModels(fee=own, slippage=Ticks(2))}
    assert terms.cash == {"USD": D(100_000), "EUR": D("5000.50")}
    assert terms.currency == "USD"
    assert terms.limits == Limits(gross=D("1e6"), orders=10, window=60 * 10**9)
    assert terms.rules == Rules(
        fill_time=FillTime.NEXT_QUOTE,
        latency=1_500_000,
        touch_fills=False,
        participation=D("0.1"),
    )
    assert isinstance(terms.margin, Leverage)
    assert terms.margin.initial == REG_T.initial
    assert terms.margin.of["EURUSD.FX"].initial == D("0.033333333334")


def test_what_is_not_said_is_as_usual() -> None:
    assert read("").words == Terms().words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fee]", "t.toml: fee is not known here; only currency, cash, fees"),
        ("[fee]", "Did you mean 'fees'?"),
        ("fees = 1", "t.toml: fees is 1; a table is required"),
        ("[fees]\nrate = 1", "t.toml: fees.model is missing; choose one of percentage, per_con"),
        ('[fees]\nmodel = "free"', "t.toml: fees.model is 'free'; choose one of percentage"),
        ('[fees]\nmodel = "percentage"', "t.toml: fees.rate is missing"),
        ('[fees]\nmodel = "percentage"\nrat = 1', "fees.rat is not known here; only model, rate"),
        ('[fees]\nmodel = "percentage"\nrate = -1', "t.toml: fees: rate is -1; a cost is"),
        ('[fees]\nmodel = "percentage"\nrate = true', "t.toml: fees.rate is True; a number such"),
        ('[fees]\nmodel = "own"\nfunction = "f"', "t.toml: fees: 'f' names no function; write"),
        ('[fees]\nmodel = "own"\nfunction = "no.py:f"', "There is no file"),
        ('[slippage]\nmodel = "ticks"\nticks = 0.5', "slippage.ticks is 0.5; a whole number"),
        ('[margin]\nmodel = "leverage"\nleverage = 0.5', "The leverage is 0.5; 1 or more"),
        ('[of."A.B".margin]\nmodel = "reg_t"', 't.toml: of."A.B".margin: an instrument has margin'),
        ("[of.AAPL.XNAS.fees]", 'write its whole id in quotes, as [of."AAPL.XNAS".fees]'),
        ("cash = -5", "t.toml: The cash is -5"),
        ("[cash]\nUSD = 0", "The cash is 0"),
        ("[cash]\nusd = 5", "cash: 'usd' is no currency; write it as USD"),
        ("cash = nan", "t.toml: cash is NaN; a number such as 0.001"),
        ('[rules]\nlatency = "5 weeks"', "rules.latency is '5 weeks'; a time such as \"150ms\""),
        ('[rules]\nlatency = "0.1ns"', "rules.latency is '0.1ns'; it is counted in whole nano"),
        ("[rules]\nlatency = 5", "rules.latency is 5; a text in quotes"),
        ("[rules]\nstop_first = 1", "rules.stop_first is 1; true or false"),
        ('[rules]\nfill_time = "now"', "is 'now'; choose one of next_open, same_close, next_quote"),
        ('[rules]\nfill_time = "same_close"\nlatency = "1s"', "t.toml: rules: An order that takes"),
        ("[limits]\ngross = -1", "t.toml: limits: The gross limit is -1"),
        ("x = [[", "t.toml is no TOML file"),
        ("x = 1e99999999999999999999", "number that nobody can count with"),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("cash = 0x" + "f" * 5000, "cash is an integer beyond all bounds"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_place_and_what_is_allowed(text, said) -> None:
    with pytest.raises(BadInput) as error:
        read(text)

    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.toml cannot be read: No such file"):
        asked_terms(tmp_path / "nothing.toml", {})


def test_an_option_overrides_the_file_and_is_named_when_it_is_wrong(tmp_path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(FULL)
    ticks = {"slippage": {"model": "ticks", "ticks": 7}}

    words = asked_terms(file, {"--slippage": ticks, "--max-net": {"limits": {"net": D(9)}}})

    assert words["slippage"]["ticks"] == 7
    assert words["of"]["EURUSD.FX"]["slippage"]["ticks"] == 7, "it had none of its own"
    assert words["limits"] == {"gross": "1000000", "net": "9", "orders": 10, "window": "1m"}
    with pytest.raises(BadInput, match=r"^--max-net: limits: The net limit is -1"):
        asked_terms(file, {"--max-net": {"limits": {"net": D(-1)}}})


FUNCTIONS = """
import math

def fee(price, quantity, notional, is_maker):
    return 0.0 if is_maker else math.sqrt(notional)

def slippage(price, quantity, volume, bid, ask):
    return 0.01

def talks(price, quantity, notional, is_maker):
    return open("file")
"""


def test_a_function_is_found_beside_its_file_and_wherever_it_was_kept(tmp_path) -> None:
    (tmp_path / "fees.py").write_text(FUNCTIONS)
    text = (
        '[fees]\nmodel = "own"\nfunction = "fees.py:fee"\n'
        '[slippage]\nmodel = "own"\nfunction = "fees.py:slippage"'
    )

    words = read(text, folder=tmp_path).words

    assert words["fees"]["function"] == f"{tmp_path / 'fees.py'}:fee"
    again = terms_of(json.loads(json.dumps(words)), "kept")
    assert again.words == words
    assert again.costs.fee.function(1.0, 1.0, 9.0, False) == 3.0


@pytest.mark.parametrize(
    ("name", "said"),
    [("talks", "talks cannot be compiled"), ("fe", "Did you mean 'fee'?"), ("math", "No function")],
)
def test_a_function_that_cannot_be_used_is_said(tmp_path, name, said) -> None:
    (tmp_path / "fees.py").write_text(FUNCTIONS)

    with pytest.raises(BadInput) as error:
        read(f'[fees]\nmodel="own"\nfunction="fees.py:{name}"', folder=tmp_path)

    assert said in str(error.value)


def test_what_earlier_versions_kept_still_opens() -> None:
    run = {
        "cash": "5000.50",
        "costs": {"fee": "0.001", "fee_per_unit": "0.005", "slippage": "0.0002"},
        "limits": {"position": "50", "notional": None, "orders": 3, "window": 10**9},
    }

    terms = terms_of_spec(run)

    assert terms.cash == D("5000.50")
    assert terms.costs.fee == Percentage(D("0.001"), D("0.005"))
    assert terms.costs.slippage == BasisPoints(D(2))
    assert terms.limits == Limits(position=D(50), orders=3)
    assert (terms.margin, terms.rules) == (UNLIMITED, Rules())


rates = st.decimals(0, "0.5", places=6)
amounts = st.decimals(0, 10**6, places=4)
fees = st.one_of(
    st.builds(Percentage, rates, amounts),
    st.builds(PerContract, amounts),
    st.builds(PerShare, each=amounts, minimum=amounts, maximum=st.none() | st.just(D("0.01"))),
    st.builds(
        MakerTaker,
        maker=rates.map(lambda rate: -rate),
        taker=rates,
        tiers=st.just(()) | st.builds(lambda t: (Tier(D(1), t, t), Tier(D(2), t, t)), rates),
    ),
)
slippages = st.one_of(
    st.builds(BasisPoints, amounts.map(lambda amount: amount % 10_000)),
    st.builds(Ticks, st.integers(0, 10**6)),
    st.just(Spread()),
    st.builds(VolumeShare, rates),
    st.builds(SquareRoot, rates),
)
models = st.builds(CostModels, fee=fees, slippage=slippages)
leverages = rates.map(
    lambda rate: Leverage(initial=rate, maintenance=rate / 2, short_maintenance=rate / 4)
)
margins = st.one_of(
    st.just(UNLIMITED),
    st.just(CashAccount()),
    leverages,
    st.builds(
        lambda one, of: Leverage(initial=one.initial, maintenance=one.maintenance, of={"A.B": of}),
        leverages,
        leverages,
    ),
)
limits = st.builds(
    Limits,
    **dict.fromkeys(("position", "gross", "net", "daily_loss", "leverage"), st.none() | amounts),
    orders=st.none() | st.integers(0, 10**6),
    window=st.integers(1, 10**18),
)
rules = st.builds(
    Rules,
    fill_time=st.sampled_from([FillTime.NEXT_OPEN, FillTime.NEXT_QUOTE]),
    latency=st.integers(0, 10**18),
    touch_fills=st.booleans(),
    stop_first=st.booleans(),
    participation=st.none() | st.just(D("0.1")),
)
terms = st.builds(
    Terms,
    cash=amounts.map(lambda amount: amount + 1) | st.just({"USD": D(5), "EUR": D("0.5")}),
    currency=st.none() | st.just("USD"),
    costs=st.builds(
        lambda one, of: CostModels(fee=one.fee, slippage=one.slippage, of=of),
        models,
        st.dictionaries(st.sampled_from(["A.B", "C.D"]), models),
    )
    | st.builds(Costs, fee=rates, fee_per_unit=amounts, slippage=rates),
    limits=limits,
    margin=margins,
    rules=rules,
)


@given(terms)
@settings(max_examples=200)
def test_terms_in_words_are_the_same_terms(one: Terms) -> None:
    words = json.loads(json.dumps(one.words))

    again = terms_of(words, "kept")

    assert again.words == words
    assert again.arguments | {"costs": 0} == one.arguments | {"costs": 0}
    assert again.costs == models_of(one.costs)


keys = st.sampled_from(
    ["currency", "cash", "fees", "slippage", "margin", "limits", "rules", "of", "model", "rate",
     "each", "tiers", "volume", "maker", "taker", "function", "ticks", "points", "leverage",
     "initial", "maintenance", "gross", "orders", "window", "latency", "fill_time", "A.B", "USD"]
) | st.text(max_size=5)  # fmt: skip
values = (
    st.sampled_from(["percentage", "per_share", "maker_taker", "own", "ticks", "leverage", "cash",
                     "150ms", "next_open", "a.py:b", "\0:x", "1e9", "-1", "nan", "1e999999"])
    | st.decimals()
    | st.integers()
    | st.booleans()
    | st.datetimes()
    | st.text(max_size=8)
)  # fmt: skip
anything = st.recursive(
    values,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(keys, one, max_size=5),
    max_leaves=20,
)


def let_in(do) -> Terms | str:
    """What the door let in, or what it said."""
    try:
        return do()
    except BadInput as error:
        return str(error)


@given(st.dictionaries(keys, anything, max_size=6))
@settings(max_examples=200)
def test_no_table_is_a_bug(words) -> None:
    found = let_in(lambda: terms_of(words, "t.toml"))

    if isinstance(found, Terms):
        assert terms_of(found.words, "kept").words == found.words
    else:
        assert found.startswith("t.toml")
        assert "\n" not in found


letters = st.text("[]{}=\".'#\n 019eEx_-truenaif", max_size=60)


@given(st.binary(max_size=200) | letters.map(str.encode))
@settings(max_examples=500)
def test_no_file_is_a_bug(body) -> None:
    found = let_in(lambda: terms_of(parsed(body, "t.toml"), "t.toml"))

    assert isinstance(found, Terms) or found.startswith("t.toml")
