"""A real, tiny engine to measure: the reference itself, once right and once with a fill too few."""

from benchmarks import market, reference
from benchmarks.measure import Outcome
from benchmarks.rule import PRICE_SCALE

VERSION = "1"


def prepare(bars):
    return bars


def right(bars):
    return reference.trade(*(market.whole_units(p).tolist() for p in (bars.open, bars.close)))


def forgetful(bars):
    answer = right(bars)
    return reference.Answer(answer.fills[:-1], answer.equity)


def broken(bars):
    raise RuntimeError("no engine today")


def outcome(answer):
    return Outcome(answer.fills / (1, 1, PRICE_SCALE), answer.equity / reference.MONEY_SCALE)


STYLES = {"right": right, "forgetful": forgetful, "broken": broken}
