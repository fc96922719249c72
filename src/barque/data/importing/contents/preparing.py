"""A file of anything but bars, read and examined whole."""

from barque.data.catalog import Table
from barque.data.importing.contents.actions import (
    RATES,
    action_tables,
    delisting_table,
    factor_tables,
    funding_table,
    interest_table,
)
from barque.data.importing.contents.recognising import (
    ACTIONS,
    DELISTINGS,
    FACTORS,
    FUNDING,
    INTEREST,
    QUOTE_BARS,
    QUOTES,
    TRADES,
    column_names,
)
from barque.data.importing.contents.ticks import quote_bar_table, quote_table, trade_table
from barque.data.importing.shapes.named import named_table, zone_reason
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Stamp
from barque.data.importing.shapes.understanding import chosen_rows, period_of, stamp_of, whose
from barque.data.importing.tables import SourceTable
from barque.data.kinds import ASK_PRICES, BID_PRICES
from barque.domain.instruments import Instrument

COLUMNS = {
    TRADES: ("price", "size", "side"),
    QUOTES: ("bid", "ask", "bid_size", "ask_size"),
    QUOTE_BARS: (*BID_PRICES, *ASK_PRICES, "bid_size", "ask_size"),
    FUNDING: ("rate", "mark"),
    INTEREST: RATES,
    DELISTINGS: ("delisting",),
    ACTIONS: ("dividend", "split"),
    FACTORS: ("price_factor", "split_factor", "reference_price"),
}
"""The columns that are read, by what a file holds."""


def prepared_tables(
    raw: Raw, holds: str, instrument: Instrument, said: Said, now: int
) -> tuple[list[Table], tuple[Fact, ...]]:
    """Return what a file holds of an instrument, and what was understood of it."""
    table = chosen_rows(named_table(raw, said, column_names(raw, said)), instrument, said)
    facts = [
        Fact("columns", _columns(table, holds), "their names"),
        Fact("time zone", table.zone, zone_reason(raw, table, said)),
        Fact("instrument", instrument.id, whose(table, instrument)),
    ]
    match holds:
        case "trades":
            return [trade_table(table, instrument, now)], tuple(facts)
        case "quotes":
            return [quote_table(table, instrument, now)], tuple(facts)
        case "funding":
            return [funding_table(table, instrument, now)], tuple(facts)
        case "interest":
            return [interest_table(table, now)], tuple(facts)
        case "delistings":
            return [delisting_table(table, instrument, now)], tuple(facts)
        case "actions":
            return action_tables(table, instrument, now), tuple(facts)
        case "factors":
            why = "what happened is where they change; amounts are rounded to 0.0001"
            facts.append(Fact("factors", "as splits and dividends", why))
            return factor_tables(table, instrument, now), tuple(facts)
    reading = Reading(table=table, facts=(), stamp=None)
    period = period_of(table.times(), reading, said, instrument, raw.path)
    stamp = stamp_of(reading, said)
    bars = quote_bar_table(table, instrument, period.value, Stamp(stamp.value), now)
    return [bars], (*facts, stamp, period)


def _columns(table: SourceTable, holds: str) -> str:
    ours = (table.time_name(), *COLUMNS[holds], "symbol")
    return ", ".join(f"{name} = {table.column(name).name}" for name in ours if table.has(name))
