"""The part of a report about other assumptions: every row, the picture, and the edge in words."""

import json
import re

import msgspec
import pytest

from barque.research.report.sensitivity import sensitivity_section
from barque.research.sensitivity import sensitivity
from barque.research.terms import Terms
from tests.research.report.test_report import page_of, read
from tests.research.results import COSTS, Swinging, past, result


@pytest.fixture(scope="module")
def found() -> dict:
    asked = Terms(costs=COSTS)
    return msgspec.to_builtins(sensitivity(Swinging, past(), result(), asked))


def profits(html: str) -> list[float]:
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])[
        "lines"
    ][0]["v"]


def test_a_page_with_the_section_is_whole(found) -> None:
    section = sensitivity_section(found)

    page = page_of(days=300, sections=(section,))

    read(page)
    assert f"<h2>{section.title}</h2>" in page


def test_every_row_and_its_words_are_there(found) -> None:
    html = sensitivity_section(found).html

    assert all(row["label"] in html for row in found["rows"])
    assert all(row["words"] in html for row in found["rows"][1:])
    assert found["words"] in html
    assert f"{found['break_even']['basis_points']:,.2f} basis points" in html


def test_a_bar_far_from_the_others_ends_at_the_edge_and_says_its_number(found) -> None:
    rows = [dict(row) for row in found["rows"]]
    rows[3]["final_equity"] = "-900000000"

    html = sensitivity_section(found | {"rows": rows}).html

    assert "goes on" in html
    assert "goes on" not in sensitivity_section(found).html
    assert profits(html)[3] == -901_000_000.0
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', html)]
    assert heights[0] > 250


def test_who_earned_nothing_is_told_in_words(found) -> None:
    nothing = {"basis_points": None, "words": "The run earned nothing to lose."}

    html = sensitivity_section(found | {"break_even": nothing}).html

    assert "<p>The run earned nothing to lose.</p>" in html


def test_labels_cannot_write_into_the_page(found) -> None:
    rows = [row | {"label": "<b>", "short": "<i>", "words": "<u>"} for row in found["rows"]]

    html = sensitivity_section(found | {"rows": rows}).html

    assert not re.search(r"<b><b>|<i>(?!</i>)|<u>", html.replace("<i></i>", ""))
