"""What a strategy's author gets wrong is said in words, and what is right is taken as it is."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from numba.core.errors import TypingError

from barque.domain.errors import BadInput, UnknownName
from barque.domain.events import EventKind
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import Strategy, compiled
from tests.engine.histories import EQUITY, history

CASH = Decimal(10_000)


class Parent(Strategy):
    size: float = 2.0


class Child(Parent):
    """Adds a parameter, changes a default, and keeps something to itself."""

    size: float = 3.0
    window: int = 20
    _own: int = 1
    name = "no annotation, no parameter"


def test_parameters_are_the_annotated_numbers_of_the_class_and_its_parents() -> None:
    assert Child.parameters() == {"size": 3.0, "window": 20}
    assert Parent.parameters() == {"size": 2.0}


def test_a_parameter_takes_the_type_of_its_default() -> None:
    child = Child(size=5, window=30.0)

    assert (child.size, child.window) == (5.0, 30)
    assert (type(child.size), type(child.window)) == (float, int)
    assert Child().size == 3.0


def test_an_unknown_parameter_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownName, match=r"'windw'. Did you mean 'window'\?"):
        Child(windw=3)


@pytest.mark.parametrize(("name", "value"), [("window", 2.5), ("window", "ten"), ("size", "big")])
def test_a_parameter_of_another_type_is_refused(name: str, value) -> None:
    with pytest.raises(BadInput, match=f"Parameter {name} is {value!r}; it must be of type"):
        Child(**{name: value})


def run(strategy: Strategy):
    past = history(1, 1, 6)
    bars = past.events[past.events[:, at.KIND] == EventKind.BAR]
    engine = Engine(strategy, past.instruments, cash=CASH)
    return engine, engine.process(bars)


@compiled
class MissingAttribute(Strategy):
    def on_bar(self, bar):
        if bar.close > self.threshold:
            self.buy(bar.instrument, 1.0)


@compiled
class DictAttribute(Strategy):
    def on_start(self):
        self.seen = {}

    def on_bar(self, bar):
        self.seen[bar.instrument] = bar.close


@compiled
class AssignedArray(Strategy):
    def on_start(self):
        self.seen = np.zeros(3)

    def on_bar(self, bar):
        self.seen = self.seen


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (MissingAttribute, "MissingAttribute has no attribute 'threshold'; set it in on_start"),
        (DictAttribute, r"DictAttribute.seen is a dict; a compiled strategy keeps ints, floats"),
        (AssignedArray, "AssignedArray.seen is an array; change its elements"),
    ],
)
def test_what_cannot_be_compiled_is_said_in_words(strategy, words: str) -> None:
    with pytest.raises(TypingError, match=words):
        run(strategy())


@compiled
class ReadOnlyArray(Strategy):
    def on_start(self):
        self.table = np.zeros(3)
        self.table.flags.writeable = False


def test_an_array_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(BadInput, match="table is not a contiguous, writeable array; copy it"):
        run(ReadOnlyArray())


@compiled
class Keeping(Strategy):
    """Keeps a number of each kind, changes an array, and calls a method of its own."""

    scale: float = 2.0

    def on_start(self):
        self.bars = 0
        self.rising = False
        self.total = 0.0
        self.closes = np.zeros(6)

    def on_bar(self, bar):
        self.closes[self.bars] = bar.close
        self.total += self.scaled(bar.close)
        self.rising = bar.close > bar.open
        self.bars += 1

    def scaled(self, close):
        return self.scale * close


def test_what_a_compiled_strategy_keeps_can_be_read_afterwards() -> None:
    past = history(1, 1, 6)
    closes = past.events[past.events[:, at.KIND] == EventKind.BAR][:, at.CLOSE] / 1e8

    engine, _ = run(Keeping())

    strategy = engine.strategy
    assert strategy.bars == 6
    np.testing.assert_array_equal(strategy.closes, closes)
    assert strategy.total == pytest.approx(2 * closes.sum())


class Asking(Strategy):
    """Asks once for something that cannot be."""

    kind: int = 0

    def on_bar(self, bar):
        if self.kind == 0:
            self.buy(0, 1e30)
        elif self.kind == 1:
            self.buy(7, 1.0)
        elif self.kind == 2:
            self.cancel(0, 99)
        elif self.kind == 3:
            self.cancel(7, 99)
        else:
            self.buy(0, np.nan)


def test_a_parameter_called_as_what_every_strategy_has_is_refused_by_its_name() -> None:
    class Converts(Strategy):
        """Has a parameter where its base has `rate(currency)`."""

        rate: float = 0.5

    with pytest.raises(BadInput, match="Converts cannot have a parameter called `rate`"):
        Converts()


class PricedAtNothing(Strategy):
    """Asks once for a limit or a stop at 0, as a price is that was rounded to too few digits."""

    kind: int = 0

    def on_bar(self, bar):
        if self.kind == 0:
            self.buy_limit(0, 1.0, 0.0)
        elif self.kind == 1:
            self.sell_limit(0, 1.0, 0.0)
        elif self.kind == 2:
            self.buy_stop(0, 1.0, 0.0)
        else:
            self.sell_stop(0, 1.0, 0.0)


@pytest.mark.parametrize("style", [PricedAtNothing, compiled(type("Fast", (PricedAtNothing,), {}))])
@pytest.mark.parametrize("kind", range(4))
def test_a_limit_or_stop_at_zero_is_refused_and_no_order_at_the_market(style, kind: int) -> None:
    engine, outcome = run(style(kind=kind))

    assert set(outcome.records[:, at.RECORD_KIND].tolist()) == {at.REFUSED}
    assert engine.state.account[at.CASH] == int(CASH) * 10**8


@pytest.mark.parametrize("style", [Asking, compiled(type("AskingCompiled", (Asking,), {}))])
@pytest.mark.parametrize("kind", range(5))
def test_what_cannot_be_is_refused_and_never_sent(style, kind: int) -> None:
    engine, outcome = run(style(kind=kind))

    kinds = set(outcome.records[:, at.RECORD_KIND].tolist())
    assert kinds == {at.CANCEL_REFUSED if kind in (2, 3) else at.REFUSED}
    assert (outcome.records[:, at.RECORD_INSTRUMENT] < 1).all()
    assert engine.state.account[at.CASH] == int(CASH) * 10**8


def test_views_of_an_instrument_that_is_not_there_are_unknown() -> None:
    engine, _ = run(Parent())

    assert np.isnan(engine.strategy.position(1))
    assert np.isnan(engine.strategy.last(-1))
    assert engine.strategy.position(0) == 0.0
    assert engine.strategy.cash() == engine.strategy.equity() == float(CASH)


def test_one_account_has_one_currency() -> None:
    with pytest.raises(BadInput, match="quoted in JPY, USD"):
        Engine(
            Parent(),
            [EQUITY, replace(EQUITY, id="B.X", currency="JPY", price_digits=4)],
            cash=CASH,
        )
