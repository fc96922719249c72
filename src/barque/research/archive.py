"""Results kept whole, each in a folder named by a hash of its content.

    results/<hash>/records.parquet   the journal: columns of `kernels.layout` records
    results/<hash>/curve.parquet     ts, equity and cash of every slice
    results/<hash>/result.json       what was run, the rules it ran by, and hashes of the two

All numbers are exact. The same run by the same code has the same name: only the time it took is
not part of it. A folder whose numbers are not those that were written is refused, and no Parquet is
decoded before its bytes are known to be whole. A result of code with other columns is refused, too:
its numbers would be taken for others.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from barque.data.files import Content, combined_hash, content_hash, write_all
from barque.data.parquet import DAMAGE, explained
from barque.domain.errors import CorruptData, NotReady
from barque.domain.instruments import Instrument
from barque.kernels import layout
from barque.kernels.arrays import IntArray
from barque.research.result import Result
from barque.research.statistics import Conventions

RECORD_COLUMNS = ("kind", "ts", "instrument", "event", *(f"a{k}" for k in range(10)))
CURVE_COLUMNS = ("ts", "equity", "cash")
PLACES = sorted((name, at) for name, at in vars(layout).items() if isinstance(at, int))
LAYOUT = hashlib.sha256(json.dumps(PLACES).encode()).hexdigest()[:16]
"""Names which column of the engine's numbers is what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All of a result that is not records or curve."""

    strategy: str
    parameters: dict[str, Any]
    instruments: tuple[Instrument, ...]
    cash: Decimal
    currency: str
    terms: dict[str, Any]
    account: list[int]
    rules: list[list[int]]
    events: int
    data_hash: str
    code_version: str
    wall_seconds: float
    conventions: Conventions
    hashes: tuple[str, str]
    """Of the numbers of records and curve."""
    files: tuple[str, str]
    """SHA-256 of the files that hold them."""
    layout: str = ""


@dataclass(frozen=True, slots=True)
class KeptData:
    """The data of a run that was kept: their name is all that is left of them."""

    content_hash: str


def keep(folder: Path, result: Result) -> str:
    """Write a result under `folder` and return its name; what was there by it is replaced."""
    records = dict(zip(RECORD_COLUMNS, result.records.T, strict=True))
    curve = dict(zip(CURVE_COLUMNS, result.curve.T, strict=True))
    bodies = _parquet(records), _parquet(curve)
    words = _words(result, (content_hash(records), content_hash(curve)), bodies)
    name = _name(words)
    write_all(
        {
            folder / name / "records.parquet": _content(bodies[0]),
            folder / name / "curve.parquet": _content(bodies[1]),
            folder / name / "result.json": _content(msgspec.json.encode(words)),
        }
    )
    return name


def read(folder: Path, name: str) -> Result:
    """Return a result that was kept; NotReady if it is gone, CorruptData if it was changed."""
    place = folder / name
    if not (place / "result.json").exists():
        raise NotReady(f"{place} is not there any more. Run the backtest again to have it back.")
    try:
        words = msgspec.json.decode((place / "result.json").read_bytes(), type=Words)
        _check_layout(words, place)
        records = _columns(place / "records.parquet", RECORD_COLUMNS, words.files[0])
        curve = _columns(place / "curve.parquet", CURVE_COLUMNS, words.files[1])
    except (*DAMAGE, msgspec.MsgspecError) as error:
        raise _damaged(place, explained(error)) from error
    if (content_hash(records), content_hash(curve)) != words.hashes or _name(words) != name:
        raise _damaged(place, "its numbers are not those that were written")
    return Result(
        strategy=words.strategy,
        parameters=words.parameters,
        instruments=words.instruments,
        cash=words.cash,
        currency=words.currency,
        terms=words.terms,
        records=_table(records),
        curve=_table(curve),
        account=np.array(words.account, np.int64),
        rules=np.array(words.rules, np.int64).reshape(len(words.instruments), -1),
        events=words.events,
        source=KeptData(words.data_hash),
        code_version=words.code_version,
        wall_seconds=words.wall_seconds,
        conventions=words.conventions,
    )


def _check_layout(words: Words, place: Path) -> None:
    if words.layout != LAYOUT:
        raise NotReady(
            f"{place} was kept by a version of Barque with other columns. Run the backtest again "
            "to have it back."
        )


def _words(result: Result, hashes: tuple[str, str], bodies: tuple[bytes, bytes]) -> Words:
    return Words(
        strategy=result.strategy,
        parameters=result.parameters,
        instruments=result.instruments,
        cash=result.cash,
        currency=result.currency,
        terms=dict(result.terms),
        account=result.account.tolist(),
        rules=result.rules.tolist(),
        events=result.events,
        data_hash=result.data_hash,
        code_version=result.code_version,
        wall_seconds=result.wall_seconds,
        conventions=result.conventions,
        hashes=hashes,
        files=(_digest(bodies[0]), _digest(bodies[1])),
        layout=LAYOUT,
    )


def _name(words: Words) -> str:
    said = msgspec.to_builtins(words)
    del said["wall_seconds"], said["files"]
    text = json.dumps(said, sort_keys=True)
    return combined_hash([*words.hashes, hashlib.sha256(text.encode()).hexdigest()])[:32]


def _parquet(columns: dict[str, IntArray]) -> bytes:
    buffer = io.BytesIO()
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64))
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _content(body: bytes) -> Content:
    return lambda file: file.write(body)


def _columns(path: Path, names: tuple[str, ...], digest: str) -> dict[str, IntArray]:
    body = path.read_bytes()
    if _digest(body) != digest:
        raise _damaged(path.parent, f"{path.name} is not the file that was written")
    frame = pl.read_parquet(io.BytesIO(body), columns=list(names))
    return {name: frame[name].to_numpy() for name in names}


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _table(columns: dict[str, IntArray]) -> IntArray:
    return np.ascontiguousarray(np.stack(list(columns.values()), axis=1))


def _damaged(place: Path, why: str) -> CorruptData:
    return CorruptData(f"{place} is damaged ({why}). Remove it and run the backtest again.")
