"""Terms that were kept with a run or an account, by this version or by an earlier one."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from barque.bootstrap.terms.reading import terms_of
from barque.research.terms import Terms

PARTS = ("fees", "slippage")


def terms_of_spec(spec: Mapping[str, Any]) -> Terms:
    """Return the terms that a run or an account was started with."""
    return terms_of(words_of_spec(spec), "the terms that were kept")


def own_files(words: Mapping[str, Any]) -> list[Path]:
    """Return the files of the functions that words name."""
    models = [one.get(part) for one in (words, *words.get("of", {}).values()) for part in PARTS]
    functions = [model["function"] for model in models if model and "function" in model]
    return sorted({Path(function.rpartition(":")[0]) for function in functions})


def words_of_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same as words. What was kept before there were terms had costs and limits."""
    if "terms" in spec:
        return dict(spec["terms"])
    costs, limits = spec["costs"], spec["limits"]
    return {
        "cash": spec["cash"],
        "fees": {
            "model": "percentage",
            "rate": costs.get("fee", "0"),
            "each": costs.get("fee_per_unit", "0"),
        },
        "slippage": {
            "model": "basis_points",
            "points": Decimal(costs.get("slippage", "0")).scaleb(4),
        },
        "limits": {
            name: f"{value}ns" if name == "window" else value
            for name, value in limits.items()
            if value is not None
        },
    }
