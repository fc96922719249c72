"""What accounts knew at a record of their journal, in files: a shortcut for recovery.

The journal is the truth. It holds a SNAPSHOT record with the SHA-256 of each file, and a file that
does not have its hash is not parsed and counts as not there. The format is safetensors: numbers
and text, nothing that could be executed.

    000001-000000000065537.safetensors    what account 1 knew at its record 65,537
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from barque.domain.errors import BadInput
from barque.storage.files import UNFINISHED, sync_folder, write_whole
from barque.storage.records import Records

SUFFIX = ".safetensors"
SCHEMA = 1
ENTRY = "barque"
KEPT = 2
"""So many an account: the newest, and the one before in case the newest is damaged."""

Digest = tuple[int, int, int, int]
"""A SHA-256 as a SNAPSHOT record holds it: four int64, little-endian."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an account knew when the record `seq` was written: everything up to `market_position`.

    `fingerprint` is that of the epoch that wrote it: what other code remembers means nothing.
    """

    seq: int
    market_position: int
    fingerprint: tuple[int, int]
    memory: Mapping[str, NDArray[Any]] = field(repr=False)


class NoSnapshot(BadInput):
    """A snapshot that is gone, damaged or of another format."""

    code = "no_snapshot"


class Snapshots:
    """The snapshots of all accounts of a store, in one folder. An account has one writer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, account_id: int, snapshot: Snapshot) -> Digest:
        """Keep a snapshot; return its digest once it is safe on disk. Old ones are removed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        body = _encode(snapshot)
        path = self.path(account_id, snapshot.seq)
        write_whole(path, body)
        self._remove_old(account_id, snapshot.seq)
        return _digest(body)

    def path(self, account_id: int, seq: int) -> Path:
        """Return the file of the snapshot at a record."""
        return self._folder / f"{account_id:06d}-{seq:015d}{SUFFIX}"

    def seqs(self, account_id: int) -> list[int]:
        """Return the records of an account at which there are snapshots, newest first."""
        files = self._files(account_id, SUFFIX)
        return sorted((int(path.stem.partition("-")[2]) for path in files), reverse=True)

    def read(self, account_id: int, record: Records) -> Snapshot:
        """Return the snapshot of a SNAPSHOT record, or raise NoSnapshot with why."""
        path = self.path(account_id, int(record["seq"]))
        try:
            body = path.read_bytes()
        except OSError as error:
            raise NoSnapshot(f"{path.name} cannot be read: {error.strerror}.") from error
        if _digest(body) != tuple(record["a"][:4].tolist()):
            raise NoSnapshot(f"{path.name} is damaged: the journal holds another hash for it.")
        return _decode(body, int(record["seq"]), path.name)

    def _remove_old(self, account_id: int, newest: int) -> None:
        """Remove what is older than the last few, and whatever a crash or another store left."""
        seqs = self.seqs(account_id)
        kept = [seq for seq in seqs if seq <= newest][:KEPT]
        for seq in set(seqs) - set(kept):
            self.path(account_id, seq).unlink()
        for path in self._files(account_id, UNFINISHED):
            path.unlink()
        sync_folder(self._folder)

    def _files(self, account_id: int, suffix: str) -> list[Path]:
        return list(self._folder.glob(f"{account_id:06d}-{'[0-9]' * 15}{suffix}"))


def _encode(snapshot: Snapshot) -> bytes:
    about = {
        "schema": SCHEMA,
        "market_position": snapshot.market_position,
        "fingerprint": snapshot.fingerprint,
    }
    # One entry only: safetensors writes several in an order of chance.
    body: bytes = save(dict(snapshot.memory), {ENTRY: json.dumps(about)})
    return body


def _decode(body: bytes, seq: int, name: str) -> Snapshot:
    """Read what `_encode` wrote: the hash was checked, so only the format can be another."""
    header = json.loads(body[8 : 8 + int.from_bytes(body[:8], "little")])
    about = json.loads(header["__metadata__"][ENTRY])
    if about["schema"] != SCHEMA:
        raise NoSnapshot(f"{name} has schema {about['schema']}; this Barque reads {SCHEMA}.")
    first, second = about["fingerprint"]
    return Snapshot(seq, about["market_position"], (first, second), load(body))


def _digest(body: bytes) -> Digest:
    first, second, third, fourth = np.frombuffer(sha256(body).digest(), "<i8").tolist()
    return first, second, third, fourth
