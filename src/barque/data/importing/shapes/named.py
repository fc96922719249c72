"""Columns with names, as pandas and most programs write them; any CSV, Parquet or Feather.

A stamp is the OPEN of its bar, unless the column is called `close_time`, and a time without a zone
is UTC, unless a person says otherwise.
"""

from collections.abc import Mapping, Sequence

from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.data.importing.tables import TIME_NAMES, SourceTable, source_table
from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
"""The columns of a bar, in the order in which everybody writes them."""

STAMPS = {"open_time": Stamp.OPEN, "close_time": Stamp.CLOSE}
"""Names of a time column that say which moment it is."""


def claims(raw: Raw) -> str:
    """Say that the columns have names."""
    return "its columns have names" if raw.has_header else ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return the columns by their names."""
    name = said.names.get("timestamp") or _time_name(raw)
    table = named_table(raw, said, {"timestamp": name} if name in STAMPS else {})
    zone = Fact("time zone", table.zone, zone_reason(raw, table, said))
    return Reading(table=table, facts=(zone,), stamp=STAMPS.get(name))


def named_table(raw: Raw, said: Said, names: Mapping[str, str], zone: str = "UTC") -> SourceTable:
    """Return a file's rows, by the names of its shape and those that a person said."""
    table = source_table(raw.path, raw.frame, {**names, **said.names})
    return SourceTable(
        table.path, table.frame, table.rows, table.names, said.zone or zone, said.time_format
    )


def positional(raw: Raw, names: Sequence[str]) -> dict[str, str]:
    """Return what our names are called in a file that has none."""
    return dict(zip(names, raw.frame.columns, strict=False))


def zone_reason(raw: Raw, table: SourceTable, said: Said) -> str:
    """Say why times are read in a zone."""
    if said.zone:
        return "you say so"
    column = table.column(table.time_name())
    example = column[0]
    return f"written as {example}; without a zone a time is taken for UTC"


def _time_name(raw: Raw) -> str:
    """Return the name of the only time column there is; BadInput if there are two."""
    there = [name for name in (*TIME_NAMES, *STAMPS) if name and name in raw.names]
    if len(there) > 1:
        raise BadInput(
            f"{raw.path.name} has the time columns {', '.join(there)}; say which one is meant, "
            f"with --column timestamp={there[0]}."
        )
    return there[0] if there else ""


SHAPE = Shape("pandas", claims, read)
