"""The drawing shows every part and edge, and nothing lies on top of anything."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Part, Tier
from barque.deployment.graph import CARD_HEIGHT, CARD_WIDTH, draw, lay_out, routes

CARDS = lay_out(BARQUE)
ROUTES = routes(BARQUE, CARDS)
WIDEST_LETTER = {"name": 8.6, "faint": 5.9}


def test_every_part_is_a_card_and_every_edge_a_line() -> None:
    assert CARDS.keys() == {part.name for part in BARQUE.parts}
    assert {route.edge for route in ROUTES} == set(BARQUE.edges)


def test_cards_do_not_overlap() -> None:
    for one, other in combinations(CARDS.values(), 2):
        apart = abs(one.left - other.left) >= CARD_WIDTH or abs(one.top - other.top) >= CARD_HEIGHT
        assert apart, (one.part.name, other.part.name)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.edge.source}-{r.edge.target}")
def test_a_line_begins_and_ends_at_its_cards(route) -> None:
    source, target = CARDS[route.edge.source], CARDS[route.edge.target]

    for card, (x, y) in ((source, route.points[0]), (target, route.points[-1])):
        assert x in (card.left, card.right)
        assert card.top < y < card.top + CARD_HEIGHT


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.edge.source}-{r.edge.target}")
def test_a_line_has_right_angles_and_crosses_no_card(route) -> None:
    for (x1, y1), (x2, y2) in pairwise(route.points):
        assert x1 == x2 or y1 == y2
        for card in CARDS.values():
            inside_x = min(x1, x2) < card.right - 1 and max(x1, x2) > card.left + 1
            inside_y = min(y1, y2) < card.top + CARD_HEIGHT - 1 and max(y1, y2) > card.top + 1
            assert not (inside_x and inside_y), card.part.name


def test_words_stay_inside_their_cards() -> None:
    tree = ElementTree.fromstring(draw(BARQUE).split("-->", 1)[1])

    for card in CARDS.values():
        texts = [
            text
            for text in tree.iterfind(".//{*}text")
            if card.left <= float(text.get("x", 0)) < card.right
            and card.top < float(text.get("y", 0)) < card.top + CARD_HEIGHT
            and text.get("class") in WIDEST_LETTER
        ]
        assert texts
        for text in texts:
            width = len(text.text or "") * WIDEST_LETTER[str(text.get("class"))]
            assert float(text.get("x", 0)) + width <= card.right, text.text


def test_a_part_that_no_column_names_is_drawn_in_its_tier() -> None:
    more = replace(BARQUE, parts=(*BARQUE.parts, Part(name="new", words="", tier=Tier.DATABASE)))

    assert lay_out(more)["new"].column == CARDS["database"].column


def test_the_drawing_asks_for_nothing_from_elsewhere() -> None:
    assert re.findall(r"https?://[^\"]+", draw(BARQUE)) == ["http://www.w3.org/2000/svg"]
