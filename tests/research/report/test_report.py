"""A report is one file that says everything and asks nobody."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from barque.domain.orders import Reason
from barque.kernels import layout as at
from barque.research.market import watch
from barque.research.report import Section, report
from barque.research.statistics import DEFINITIONS
from tests.research.results import past, result

ALLOWED_VOID = {"meta", "line", "rect", "path", "br"}


class Reader(HTMLParser):
    """Notes tags, links, and whether every element is closed in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.ids.add(told.get("id"))
        if tag == "a":
            self.links.append(told["href"])
        self.loaded += [told[name] for name in ("src", "srcset", "poster") if name in told]
        if tag == "link":
            self.loaded.append(told["href"])
        if tag not in ALLOWED_VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ALLOWED_VOID:
            assert self.open.pop() == tag


def page_of(days: int = 300, trials: int = 1, with_market: bool = True, **more) -> str:
    told, found = past(days), result(days)
    market = watch(told) if with_market else None
    benchmark = market.benchmark() if market else None
    summary = found.summary(benchmark) | {"id": 7, "trials": trials}
    return report(summary, found, told if market else None, market, benchmark, **more)


@pytest.fixture(scope="module")
def page() -> str:
    return page_of()


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_a_report_has_no_reference_to_anything_outside(page: str) -> None:
    reader = read(page)

    assert reader.loaded == []
    assert all(link.startswith("#") for link in reader.links)
    assert not re.search(r"https?:|//[a-z]|@import|url\(|import\(|fetch\(|XMLHttp", page)


def test_every_link_leads_to_a_definition_and_every_number_has_one(page: str) -> None:
    reader = read(page)

    assert {link.removeprefix("#") for link in reader.links} <= reader.ids
    assert {f"def-{name}" for name in DEFINITIONS} <= reader.ids


def test_a_report_shows_all_its_pictures_and_all_it_rests_on(page: str) -> None:
    titles = (
        "Equity", "Drawdown", "Monthly returns, percent", "Rolling Sharpe ratio", "Daily returns",
        "Deepest drawdowns", "Exposure", "Costs and income", "Trades on candles", "Best trades",
        "Worst trades", "Refused", "All statistics", "Assumed", "What the numbers mean",
        "buy and hold", "0" * 64,
    )  # fmt: skip

    assert [title for title in titles if title not in page] == []
    assert "nan" not in re.sub(r"[a-z]*nan[a-z]+|[a-z]+nan", "", page.lower())


def test_many_trials_are_said_at_the_top() -> None:
    assert "one of 40 trials" in page_of(days=20, trials=40)


def test_without_the_market_a_report_says_what_is_missing() -> None:
    page = page_of(with_market=False)

    assert "pictures of prices are left out" in page
    assert "Trades on candles" not in page


def test_a_report_counts_refused_changes_and_cancels_and_says_why() -> None:
    found = result(60)
    records = np.zeros((3, at.RECORD_WIDTH), np.int64)
    records[:, at.RECORD_KIND] = at.AMEND_REFUSED, at.AMEND_REFUSED, at.CANCEL_REFUSED
    records[:, at.A1] = Reason.UNKNOWN_ORDER
    more = replace(found, records=np.concatenate([found.records, records]))
    kept = found.summary() | {"id": 1, "trials": 1}
    del kept["refused_by_reason"]  # as an older version kept it

    page = report(kept, more, None, None, None)

    assert "Refused: orders 2, changes 2, cancels 1. The table below says why." in page
    assert "2</td><td>changes</td><td>no such working order" in page
    assert "1</td><td>cancels</td><td>no such working order" in page


@pytest.mark.parametrize("days", [1, 2, 3, 10, 40])
def test_a_short_run_has_a_report_too(days: int) -> None:
    assert "All statistics" in page_of(days)


def test_a_section_from_elsewhere_finds_its_place() -> None:
    page = page_of(days=10, sections=(Section("Sensitivity", "<p>twice the fees</p>"),))

    assert "<h2>Sensitivity</h2><p>twice the fees</p>" in page


def test_names_cannot_write_into_the_page() -> None:
    found = result(10)
    object.__setattr__(found, "strategy", "<script>alert(1)</script>")

    page = report(found.summary() | {"id": 1}, found, None, None, None)

    assert "<script>alert" not in page
