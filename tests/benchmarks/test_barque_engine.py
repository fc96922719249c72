import numpy as np
import pytest

from benchmarks import barque_engine, market, numba_loop, reference
from benchmarks.reference import MONEY_SCALE
from benchmarks.rule import PRICE_SCALE

BARS = market.generate(20_000)
ANSWER = reference.trade(*(market.whole_units(p).tolist() for p in (BARS.open, BARS.close)))


@pytest.mark.parametrize(
    ("engine", "style"),
    [(barque_engine, style) for style in barque_engine.STYLES] + [(numba_loop, "loop")],
)
def test_every_style_trades_the_rule_exactly(engine, style):
    result = engine.STYLES[style](engine.prepare(BARS))

    done = engine.outcome(result)
    fills = np.rint(np.asarray(done.fills) * (1, 1, PRICE_SCALE)).astype(np.int64)
    assert fills.tolist() == ANSWER.fills.tolist()
    assert abs(done.equity - ANSWER.equity / MONEY_SCALE) < 1e-6
