"""A file as it is found, before anybody says what it means: its cells, and whether they have names.

A .zip holds one or more CSV files of the same columns, in the order of their names.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import polars as pl

from barque.data.importing.tables import READERS, read_text_table, refusing_damage
from barque.domain.errors import BadInput, CorruptData

MEMBER = "member"
"""The column that says from which file of a .zip a row is."""

LARGEST_ARCHIVE = 2**32
"""Bytes that a .zip may hold; a small file can claim to be endless."""

ENDINGS = (*READERS, ".zip", ".json")


@dataclass(frozen=True, slots=True)
class Raw:
    """The cells of a file; of CSV and JSON as text. `has_header`: its columns have names."""

    path: Path
    frame: pl.DataFrame
    has_header: bool = True

    @property
    def names(self) -> frozenset[str]:
        """What the columns are called, in small letters; none without a header."""
        return frozenset(one.strip().lower() for one in self.frame.columns if self.has_header)

    @property
    def first(self) -> tuple[str, ...]:
        """Return the first row as text."""
        cells = self.frame.drop(MEMBER, strict=False).row(0) if self.frame.height else ()
        return tuple("" if cell is None else str(cell).strip() for cell in cells)


def read_raw(path: Path) -> Raw:
    """Read a file by the ending of its name; CorruptData if it is not what that says."""
    if path.suffix not in ENDINGS:
        raise BadInput(f"{path.name} is none of {', '.join(ENDINGS)}; convert it to one of them.")
    with refusing_damage(path):
        match path.suffix:
            case ".csv":
                return _csv(path, path.read_bytes())
            case ".zip":
                return _zip(path)
            case ".json":
                return _json(path)
        return Raw(path, READERS[path.suffix](path.read_bytes()))


def _csv(path: Path, content: bytes) -> Raw:
    has_header = _has_header(content)
    return Raw(path, read_text_table(content, has_header), has_header)


def _has_header(content: bytes) -> bool:
    """Tell whether the first line names columns: numbers after its first cell do not."""
    cells = content[:65_536].partition(b"\n")[0].decode("utf-8", "replace").split(",")
    return len(cells) < 5 or not all(map(_is_number, cells[1:5]))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _zip(path: Path) -> Raw:
    with ZipFile(path) as archive:
        members = sorted(one.filename for one in archive.infolist() if not one.is_dir())
        if sum(one.file_size for one in archive.infolist()) > LARGEST_ARCHIVE:
            raise CorruptData(f"{path.name} holds more than 4 GiB; import its files one by one.")
        parts = [(name, _csv(path, archive.read(name))) for name in members]
    if not parts or any(part.frame.columns != parts[0][1].frame.columns for _, part in parts):
        raise CorruptData(f"{path.name} must hold CSV files of the same columns; it has {members}.")
    frames = [part.frame.with_columns(pl.lit(name).alias(MEMBER)) for name, part in parts]
    return Raw(path, pl.concat(frames), parts[0][1].has_header)


def _json(path: Path) -> Raw:
    rows = json.loads(path.read_text(), parse_float=str, parse_int=str)
    if not isinstance(rows, list) or not all(_is_row(row, rows[0]) for row in rows):
        raise CorruptData(
            f"{path.name} is no list of rows of one length, as [[time, o, h, l, c, v], ...]."
        )
    columns = zip(*rows, strict=True)
    return Raw(path, pl.DataFrame(list(_named(columns))), has_header=False)


def _is_row(row: object, first: object) -> bool:
    lists = isinstance(row, list) and isinstance(first, list) and len(row) == len(first)
    return lists and all(cell is None or isinstance(cell, str) for cell in row)  # type: ignore[attr-defined]  # it is a list


def _named(columns: Iterator[tuple[str | None, ...]]) -> Iterator[pl.Series]:
    for k, column in enumerate(columns, 1):
        yield pl.Series(f"column_{k}", column, pl.String)
