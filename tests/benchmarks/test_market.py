import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import market


@given(short=st.integers(1, 300), more=st.integers(0, 300))
def test_a_short_history_is_the_beginning_of_a_longer_one(short, more):
    longer = market.generate(short + more)

    beginning = market.generate(short)

    assert all(np.array_equal(a, b) for a, b in zip(beginning, longer.head(short), strict=True))


def test_every_bar_is_sane_and_on_the_grid():
    bars = market.generate(5_000)

    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low > 0).all()
    assert (bars.volume >= 1).all()
    assert (np.diff(bars.ts) == market.MINUTE).all()
    assert (bars.start + market.MINUTE == bars.ts).all()
    for prices in (bars.open, bars.high, bars.low, bars.close):
        assert (market.whole_units(prices) / 100_000 == prices).all()


def test_what_is_saved_is_read_back(tmp_path):
    bars = market.generate(300)

    market.save(bars, tmp_path)

    assert market.saved_count(tmp_path) == 300
    read = market.load(200, tmp_path)
    assert all(np.array_equal(a, b) for a, b in zip(read, bars.head(200), strict=True))


def test_an_empty_folder_has_no_bars(tmp_path):
    assert market.saved_count(tmp_path) == 0
