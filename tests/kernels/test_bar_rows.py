"""Bars are written four at a time; none of the four hides what another one is."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest

from barque.data.doors.panel import Columns, Panel, PanelMember
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray

MINUTE = 60 * 10**9
BARS = 11  # two fours, and three that are left over
COLUMNS = ("open", "high", "low", "close", "volume")
UNIT, PIECE = Decimal("0.01"), Decimal("0.001")
LARGEST_PRICE = LARGEST_VALUE * float(UNIT)
NO_PRICE = (np.nan, np.inf, -np.inf, 0.0, -1.0, 0.004, 2 * LARGEST_PRICE)
NO_VOLUME = (np.nan, np.inf, -np.inf, -1.0, 2.0 * LARGEST_VALUE)


def some_bars() -> dict[str, np.ndarray]:
    middle = 100.0 + np.arange(BARS)
    return {
        "open": middle,
        "high": middle + 2.0,
        "low": middle - 2.0,
        "close": middle + 1.0,
        "volume": 5.0 + np.arange(BARS),
    }


def written(columns: Columns) -> tuple[int, IntArray]:
    ts = MINUTE * np.arange(1, BARS + 1, dtype=np.int64)
    scales = (float(1 / UNIT), float(1 / PIECE))
    panel = Panel([PanelMember(0, ts, ts - MINUTE, columns, scales)], [np.empty(0, np.int64)])
    rows = np.zeros((BARS, at.EVENT_WIDTH), np.int64)
    return panel.write(0, BARS, 0, rows), rows[:, at.OPEN : at.VOLUME + 1]


def exactly(columns: Columns) -> list[list[int]]:
    steps = dict.fromkeys(COLUMNS, UNIT) | {"volume": PIECE}
    return [
        [
            int((Decimal(float(columns[name][t])) / steps[name]).quantize(1, ROUND_HALF_EVEN))
            for name in COLUMNS
        ]
        for t in range(BARS)
    ]


@pytest.mark.parametrize("place", range(BARS))
@pytest.mark.parametrize(
    ("column", "wrong"),
    [(name, wrong) for name in COLUMNS[:4] for wrong in NO_PRICE]
    + [("volume", wrong) for wrong in NO_VOLUME]
    + [("open", 200.0), ("open", 50.0), ("close", 200.0), ("close", 50.0)],
)
def test_an_insane_number_is_found_at_each_place(column: str, wrong: float, place: int) -> None:
    bars = some_bars()
    bars[column][place] = wrong

    assert written(bars)[0] == place


@pytest.mark.parametrize("place", range(BARS))
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("past", [0.0, 1e-13, -1e-13])
def test_half_a_unit_goes_to_the_even_one_at_each_place(
    column: str, place: int, past: float
) -> None:
    bars = some_bars()
    half = 0.125 if column != "volume" else 0.0625  # 12.5 and 62.5 units, exact as floats
    bars[column][place] = np.floor(bars[column][place]) + half + past

    bad, rows = written(bars)

    assert bad == -1
    assert rows.tolist() == exactly(bars)


def test_the_first_of_several_insane_bars_is_the_one_that_is_told() -> None:
    bars = some_bars()
    bars["close"][6], bars["volume"][5], bars["low"][9] = np.nan, -1.0, 0.0

    assert written(bars)[0] == 5
