"""The part of a report that says what the run would have been by other assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from html import escape
from typing import Any

import numpy as np

from barque.research.report.drawing import bar_figure, html
from barque.research.report.page import Section
from barque.research.report.tables import table
from barque.research.statistics.definitions import Form, written

COLUMNS = ("Equity", "Difference", "Return", "Sharpe", "Fills", "Assumed")

FURTHEST = 2.0
"""How many times the profit of the run a bar may show."""


def sensitivity_section(found: Mapping[str, Any]) -> Section:
    """Return the section; `found` is `research.sensitivity.Sensitivity`, ready for JSON."""
    rows, currency = found["rows"], found["currency"]
    words = "".join(
        f"<li><b>{escape(row['label'])}</b>: {escape(row['words'])}</li>" for row in rows[1:]
    )
    return Section(
        "Assumption sensitivity",
        f"{_edge(found['break_even'])}{_picture(rows, found['cash'], currency)}"
        f"{table(COLUMNS, map(_row, rows), numbers=5)}"
        f'<details class="after"><summary>What each row assumes</summary>'
        f"<ul>{words}<li>{escape(found['words'])}</li></ul></details>",
    )


def _edge(even: Mapping[str, Any]) -> str:
    if even["basis_points"] is None:
        return f"<p>{escape(even['words'])}</p>"
    return (
        f"<p>The edge is gone at <strong>{even['basis_points']:,.2f} basis points</strong> more on "
        f"every fill. {escape(even['words'])}</p>"
    )


def _picture(rows: Sequence[Mapping[str, Any]], cash: str, currency: str) -> str:
    """Draw the profits. One that is far from the others ends at the edge of the picture."""
    profits = np.array([float(Decimal(row["final_equity"]) - Decimal(cash)) for row in rows])
    edge = FURTHEST * max(abs(float(profits[0])), float(np.median(np.abs(profits))))
    shown = np.clip(profits, -edge, edge)
    words = f"In {currency}: the run as it was asked, and with one thing assumed otherwise."
    if not np.array_equal(shown, profits):
        words += " A bar that ends at the edge goes on: the table says how far."
    figure = bar_figure(
        "Net profit by what is assumed",
        words,
        [row["label"] for row in rows],
        shown,
        Form.MONEY,
        kinds=["up" if profit >= 0 else "down" for profit in profits.tolist()],
        x_ticks=[((k + 0.5) / len(rows), row["short"]) for k, row in enumerate(rows)],
        height=150,
    )
    line = {"name": "net profit", "kind": "own", "v": profits.tolist()}
    return html(replace(figure, points=figure.points | {"lines": [line]}))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{Decimal(row['final_equity']):,.2f}",
        "" if row["name"] == "as_asked" else f"{Decimal(row['difference']):+,.2f}",
        written("total_return", row["total_return"]),
        written("sharpe", row["sharpe"]),
        f"{row['fills']:,}",
        row["label"],
    )
