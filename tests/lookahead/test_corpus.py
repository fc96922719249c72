"""Every planted leak is caught, and no honest strategy is accused."""

import shutil
from inspect import isclass
from pathlib import Path

import numpy as np
import pytest

from barque.bootstrap.lookahead import maker
from barque.research.lookahead import History, find_lookahead
from tests.lookahead import clean, leaks
from tests.research.markets import noise, stocks

HERE = Path(__file__).parent
DAYS = 90
MARKET = History(stocks(2), noise(seed=11, days=DAYS, instruments=2))


def planted(module):
    return [
        name
        for name, thing in vars(module).items()
        if isclass(thing) and thing.__module__ == module.__name__ and name != "Follower"
    ]


def verdict(folder, file, name, **options):
    """Look at one strategy of a copy of a file, beside which its market lies as a file."""
    copy = Path(shutil.copy(HERE / file, folder))
    closes = np.stack([frame["close"].to_numpy() for frame in MARKET.bars], axis=1)
    np.savetxt(folder / "market.csv", closes, delimiter=",", header="a,b", comments="")
    return find_lookahead(maker(f"{copy}:{name}"), MARKET, **options)


@pytest.mark.parametrize("name", planted(leaks))
def test_a_leak_is_caught(tmp_path, name):
    found = verdict(tmp_path, "leaks.py", name, cuts=2 if name.startswith("ReadsFile") else 32)

    assert not found.clean
    if name.startswith("ReadsFile"):
        assert found.reached == (str(tmp_path / "market.csv"),)
        assert not found.leaks, "a file is no part of the future that can be replaced"
    else:
        assert found.leaks
        assert all(leak.ts <= leak.cut for leak in found.leaks)
        assert all(leak.future != "the same" for leak in found.leaks), "chance is no leak"


@pytest.mark.parametrize("name", planted(clean))
def test_an_honest_strategy_passes(tmp_path, name):
    found = verdict(tmp_path, "clean.py", name, cuts=8)

    assert found.leaks == found.reached == ()
    assert found.clean
    assert (found.cuts, found.runs) == (8, 40)


def test_the_corpus_is_as_large_as_promised():
    assert len(planted(leaks)) >= 20
    assert len(planted(clean)) >= 10
