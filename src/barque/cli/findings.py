"""What a backtest found, for people: the table, what it assumes, and how often one has looked."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from barque.cli.console import date_time, print_facts, print_table
from barque.cli.sensitivity import print_sensitivity
from barque.domain.instruments import cash
from barque.domain.orders import Side
from barque.kernels import layout as at
from barque.research.comparison import Comparison, Likeness
from barque.research.result import Result
from barque.research.statistics import DEFINITIONS
from barque.research.statistics.definitions import GROUPS, Definition, written

SUMMARY_COLUMNS = (
    "id", "run (UTC)", "strategy", "instruments", "data",
    "return", "Sharpe", "max drawdown", "fills", "equity",
)  # fmt: skip


def exact_fills(result: Result) -> list[dict[str, Any]]:
    """Return every fill in exact numbers, oldest first; `ts` in nanoseconds UTC.

    Amounts are in the currency that the instrument is quoted in.
    """
    rows = result.records[result.records[:, at.RECORD_KIND] == at.FILLED]
    return [_fill(result, row) for row in rows.tolist()]


def summary_row(found: dict[str, Any]) -> tuple[str, ...]:
    """Return one line about a backtest, under SUMMARY_COLUMNS."""
    numbers = found["statistics"]
    return (
        str(found["id"]),
        date_time(found.get("created_ts")),
        found["strategy"],
        _some(found["instruments"], most=3),
        found["data_hash"][:12],
        _percent(numbers["total_return"]),
        _ratio(numbers["sharpe"]),
        _percent(numbers["max_drawdown"]),
        f"{numbers['fills']:,}",
        _money(found["final_equity"]),
    )


def print_findings(found: dict[str, Any]) -> None:
    """Print what a backtest found and all it rests on."""
    print_facts(_facts(found))
    print("\nAssumed:")
    for assumption in found["assumptions"]:
        print(f"  - {assumption}")
    if "sensitivity" in found:
        print("\nAssumed otherwise:")
        print_sensitivity(found["sensitivity"])


def print_comparison(comparison: Comparison) -> None:
    """Print backtests side by side: what was asked differently, and what came of it."""
    ids = [f"run {run_id}" for run_id in comparison.ids]
    if comparison.differences:
        asked = ((name, *map(_plainly, each)) for name, each in comparison.differences.items())
        print_table(("asked differently", *ids), asked)
        print()
    numbers = (
        (DEFINITIONS[name].label, *(written(name, value) for value in each))
        for name, each in comparison.statistics.items()
    )
    print_table(("", *ids), numbers, numbers=len(ids))
    for run_id, likeness in zip(comparison.ids[1:], comparison.likeness[1:], strict=True):
        if likeness is not None:
            print(f"\n{_likeness(comparison.ids[0], run_id, likeness)}")


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    numbers = found["statistics"]
    return [
        ("strategy", f"{found['strategy']}  {_named(found['parameters'])}"),
        ("instruments", _some(found["instruments"])),
        ("equity", f"{_money(found['cash'])} -> {_money(found['final_equity'])}"),
        *_cash(found.get("terms", {}).get("cash")),
        *(fact for names in GROUPS.values() for fact in _group(names, numbers, found)),
        ("", ""),
        *_refused(found),
        *((name, _named(found[name])) for name in ("costs", "limits") if name in found),
        ("data", f"{found['events']:,} events, hash {found['data_hash'][:16]}"),
        ("run", f"{found['id']}, barque {found['code_version']}, {found['wall_seconds']:.2f} s"),
    ]


def _refused(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say how many orders were refused and, if any were, changes and cancels; and why.

    What older versions found knows of orders alone, and no reasons.
    """
    reasons = found.get("refused_by_reason", {})
    yield "orders refused", _counted(found["refused"], reasons.get("orders", {}))
    for asked in ("changes", "cancels"):
        if why := reasons.get(asked):
            yield f"{asked} refused", _counted(sum(why.values()), why)


def _counted(total: int, reasons: Mapping[str, int]) -> str:
    why = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.items())
    return f"{total:,}: {why}" if why else f"{total:,}"


def _cash(began: str | dict[str, str] | None) -> Iterator[tuple[str, str]]:
    """Say what the account began with, if that was cash in several currencies."""
    if isinstance(began, dict):
        yield "cash", ", ".join(f"{_money(amount)} {name}" for name, amount in began.items())


def _group(
    names: Mapping[str, Definition], numbers: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the numbers of one group that are known, after an empty line."""
    known = [name for name in names if numbers.get(name) is not None]
    if known:
        yield "", ""
    for name in known:
        note = f"   {_trials(found['trials'])}" if name == "sharpe" else ""
        yield DEFINITIONS[name].label, written(name, numbers[name]) + note


def _likeness(first: int, other: int, likeness: Likeness) -> str:
    begin = f"Run {other} beside run {first}, over {likeness.days:,} days that both have: "
    if likeness.correlation is None or likeness.p_value is None:
        return begin + "too little to say whether they differ."
    return begin + (
        f"correlation {likeness.correlation:.2f}; Sharpe ratios at least this far apart would be "
        f"seen in {likeness.p_value:.1%} of cases if they did not differ."
    )


def _plainly(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _trials(trials: int) -> str:
    if trials == 1:
        return "(1 trial on these data)"
    return f"({trials} trials on these data: the best of many looks better than it is)"


def _fill(result: Result, row: list[int]) -> dict[str, Any]:
    instrument = result.instruments[row[at.RECORD_INSTRUMENT]]
    currency = instrument.currency
    return {
        "ts": row[at.A6],
        "order_id": row[at.A0],
        "instrument": instrument.id,
        "side": Side(row[at.A1]).name,
        "quantity": _plain(instrument.quantity(row[at.A2])),
        "price": _plain(instrument.price(row[at.A3])),
        "notional": _plain(cash(row[at.A4], currency)),
        "fee": _plain(cash(row[at.A5], currency)),
        "realized": _plain(cash(row[at.A8], currency)),
    }


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _money(amount: str) -> str:
    return f"{Decimal(amount):,.2f}"


def _percent(fraction: float | None) -> str:
    return "unknown" if fraction is None else f"{fraction:.2%}"


def _ratio(number: float | None) -> str:
    return "unknown" if number is None else f"{number:.2f}"


def _named(values: dict[str, Any]) -> str:
    words = [f"{name}={value}" for name, value in values.items() if value is not None]
    return ", ".join(words) or "none"


def _some(ids: list[str], most: int = 6) -> str:
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(ids[:most]) + more
