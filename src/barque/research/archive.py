"""Results kept whole, each in a folder named by a hash of its content.

    results/<hash>/records.parquet   the journal: columns of `kernels.layout` records
    results/<hash>/curve.parquet     ts, equity and cash of every slice
    results/<hash>/result.json       what was run, the rules it ran by, and hashes of the two

All numbers are exact. The same run by the same code has the same name: only the time it took is
not part of it. A folder whose numbers are not those that were written is refused.
"""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np
import polars as pl

from barque.data.files import Content, combined_hash, content_hash, write_all
from barque.data.parquet import DAMAGE, explained
from barque.domain.errors import CorruptData, NotReady
from barque.domain.instruments import Instrument
from barque.engine.state import Costs
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.result import Result
from barque.research.statistics import Conventions
from barque.risk.limits import Limits

RECORD_COLUMNS = ("kind", "ts", "instrument", "event", *(f"a{k}" for k in range(10)))
CURVE_COLUMNS = ("ts", "equity", "cash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All of a result that is not records or curve."""

    strategy: str
    parameters: dict[str, Any]
    instruments: tuple[Instrument, ...]
    cash: Decimal
    currency: str
    costs: Costs
    limits: Limits
    account: list[int]
    rules: list[list[int]]
    events: int
    data_hash: str
    code_version: str
    wall_seconds: float
    conventions: Conventions
    hashes: tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptData:
    """The data of a run that was kept: their name is all that is left of them."""

    content_hash: str


def keep(folder: Path, result: Result) -> str:
    """Write a result under `folder` unless it is there, and return its name."""
    records = dict(zip(RECORD_COLUMNS, result.records.T, strict=True))
    curve = dict(zip(CURVE_COLUMNS, result.curve.T, strict=True))
    words = _words(result, (content_hash(records), content_hash(curve)))
    name = _name(words)
    place = folder / name
    if not (place / "result.json").exists():
        write_all(
            {
                place / "records.parquet": _parquet(records),
                place / "curve.parquet": _parquet(curve),
                place / "result.json": lambda file: file.write(msgspec.json.encode(words)),
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
        records = _columns(place / "records.parquet", RECORD_COLUMNS)
        curve = _columns(place / "curve.parquet", CURVE_COLUMNS)
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
        costs=words.costs,
        limits=words.limits,
        records=_table(records),
        curve=_table(curve),
        account=np.array(words.account, np.int64),
        rules=np.array(words.rules, np.int64).reshape(-1, at.INSTRUMENT_WIDTH),
        events=words.events,
        source=KeptData(words.data_hash),
        code_version=words.code_version,
        wall_seconds=words.wall_seconds,
        conventions=words.conventions,
    )


def _words(result: Result, hashes: tuple[str, str]) -> Words:
    return Words(
        strategy=result.strategy,
        parameters=result.parameters,
        instruments=result.instruments,
        cash=result.cash,
        currency=result.currency,
        costs=result.costs,
        limits=result.limits,
        account=result.account.tolist(),
        rules=result.rules.tolist(),
        events=result.events,
        data_hash=result.data_hash,
        code_version=result.code_version,
        wall_seconds=result.wall_seconds,
        conventions=result.conventions,
        hashes=hashes,
    )


def _name(words: Words) -> str:
    said = msgspec.to_builtins(words)
    del said["wall_seconds"]
    text = json.dumps(said, sort_keys=True)
    return combined_hash([*words.hashes, hashlib.sha256(text.encode()).hexdigest()])[:32]


def _parquet(columns: dict[str, IntArray]) -> Content:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64))

    def write(file: IO[bytes]) -> None:
        frame.write_parquet(file, compression="zstd")

    return write


def _columns(path: Path, names: tuple[str, ...]) -> dict[str, IntArray]:
    frame = pl.read_parquet(path, columns=list(names))
    return {name: frame[name].to_numpy() for name in names}


def _table(columns: dict[str, IntArray]) -> IntArray:
    return np.ascontiguousarray(np.stack(list(columns.values()), axis=1))


def _damaged(place: Path, why: str) -> CorruptData:
    return CorruptData(f"{place} is damaged ({why}). Remove it and run the backtest again.")
