"""What a file holds is told by its columns."""

from pathlib import Path

import pytest

from barque.data.importing.contents.recognising import HOLDINGS, recognised
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Said
from barque.data.importing.tables import read_text_table
from barque.domain.errors import BadInput, UnknownName
from tests.data.builders import HEADER

FILES = {
    HEADER.strip(): "bars",
    "date,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close": "quote_bars",
    "time,bid,bid_size,ask,ask_size": "quotes",
    "time,bidPrice,bidQty,askPrice,askQty": "quotes",
    "time,price,qty,side": "trades",
    "timestamp,symbol,funding_rate,mark_price": "funding",
    "date,credit,debit": "interest",
    "date,borrow": "interest",
    "date,delisting": "delistings",
    "date,dividend": "actions",
    "Date,Dividends": "actions",
    "date,split": "actions",
    "date,price_factor,split_factor,reference_price": "factors",
    "date,adj_close": "bars",
}


def raw(header: str) -> Raw:
    return Raw(Path("some.csv"), read_text_table(f"{header}\n{header}\n".encode()))


@pytest.mark.parametrize(("header", "holds"), FILES.items())
def test_it_is_told_by_the_names_of_its_columns(header: str, holds: str) -> None:
    assert recognised(raw(header), Said()).value == holds


def test_a_persons_word_goes_before() -> None:
    assert recognised(raw("time,price,size"), Said(holds="quotes")).why == "you say so"
    assert recognised(raw("time,p,size"), Said(names={"price": "p"})).value == "trades"
    with pytest.raises(UnknownName, match=r"Did you mean 'trades'\?"):
        recognised(raw("time,price,size"), Said(holds="trade"))
    assert set(FILES.values()) == set(HOLDINGS)


@pytest.mark.parametrize("column", ["is_snapshot", "action", "bid_1"])
def test_an_order_book_is_refused(column: str) -> None:
    with pytest.raises(BadInput, match=f"has the column {column}, as an order book does"):
        recognised(raw(f"time,price,size,side,{column}"), Said())
