"""The picture shows every point, the choice, and what cannot be shown."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from barque.research.sweep.picture import section, svg
from barque.research.sweep.ranking import rank
from barque.research.sweep.space import read_space

KNOWN = {"fast": 10, "slow": 30, "stop": 0.1}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(vary, draws=None, objective="sharpe", values=None):
    space = read_space(vary, KNOWN, draws, 2)
    known = np.linspace(-1.0, 2.0, len(space)) if values is None else values
    ranking = rank(space, objective, known, np.isnan(known).astype(float))
    return svg(space, ranking, np.isnan(known).astype(float), ranking.best)


def cells(picture: str) -> int:
    return sum(
        rect.find(f"{SVG}title") is not None for rect in ET.fromstring(picture).iter(f"{SVG}rect")
    )


def test_a_heat_map_has_a_cell_a_point_in_both_maps_and_none_for_the_refused():
    values = np.linspace(0, 1, 12)
    values[[0, 5]] = np.nan

    picture = drawn(["fast=1:3", "slow=1:4"], values=values)

    assert cells(picture) == 2 * 10
    assert "fast 3, slow 4: 1.00" in picture


@pytest.mark.parametrize(
    ("vary", "draws"),
    [
        (["fast=1:9"], None),
        (["fast=1:1"], None),
        (["fast=1:9", "slow=3:5"], None),
        (["fast=1:1", "slow=1:1"], None),
        (["fast=1:300", "slow=1:300"], None),
        (["fast=1:3", "slow=1:3", "stop=0.1:0.3:0.1"], None),
        (["fast=1:50", "stop=0.1:0.3"], 40),
        (["stop=0.1:0.3"], 1),
    ],
)
@pytest.mark.parametrize("objective", ["sharpe", "max_drawdown", "trades"])
def test_every_space_has_a_picture(vary, draws, objective):
    picture = drawn(vary, draws, objective)

    ET.fromstring(picture)
    assert "nan" not in picture.replace("finance", "")
    assert "prefers-color-scheme: dark" in picture
    assert len(picture) < 6_000_000


def test_a_sweep_without_any_value_has_one_too():
    ET.fromstring(drawn(["fast=1:3", "slow=1:3"], values=np.full(9, np.nan)))
    ET.fromstring(drawn(["fast=1:3"], values=np.full(3, np.nan)))
    ET.fromstring(drawn(["fast=1:3", "stop=0.1:0.2"], 7, values=np.full(7, np.nan)))


def test_the_section_says_how_often_somebody_looked():
    space = read_space(["fast=1:9"], KNOWN)
    ranking = rank(space, "sharpe", np.linspace(0, 1, 9), np.zeros(9))
    found = {"trials": 9, "sharpe": 0.9, "expected_best": 0.4, "deflated_sharpe": 0.77}
    answer = {"chosen": 7, "runs": [3], "luck": found, "held_out": None}

    words = section(space, ranking, np.zeros(9), answer)

    assert "looked at 9 times" in words
    assert "would show a Sharpe ratio of 0.40" in words
    assert "77.0%" in words
    assert "<svg" in words


def test_the_colours_are_stronger_than_the_style_of_the_page_around_them():
    picture = drawn(["fast=1:3", "slow=1:4"])

    assert picture.count('style="fill:#') >= 2 * 12
    assert 'fill="#' not in picture
