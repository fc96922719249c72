"""What a backtest would have been by other assumptions, for people."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from barque.cli.console import print_table
from barque.research.statistics.definitions import written

COLUMNS = ("", "equity", "difference", "return", "Sharpe", "fills")


def print_sensitivity(found: Mapping[str, Any]) -> None:
    """Print a row for each thing that was assumed otherwise, and the cost that ends the edge."""
    print_table(COLUMNS, map(_row, found["rows"]), numbers=5)
    even = found["break_even"]
    if even["basis_points"] is None:
        print(f"\nEdge: {even['words']}")
    else:
        print(f"\nThe edge is gone at {even['basis_points']:,.2f} basis points more on every fill.")
        print(f"  {even['words']}")
    print()
    for row in found["rows"][1:]:
        print(f"  - {row['label']}: {row['words']}")
    print(f"  - {found['words']}")


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    difference = Decimal(row["difference"])
    return (
        row["label"],
        f"{Decimal(row['final_equity']):,.2f}",
        "" if row["name"] == "as_asked" else f"{difference:+,.2f}",
        written("total_return", row["total_return"]),
        written("sharpe", row["sharpe"]),
        f"{row['fills']:,}",
    )
