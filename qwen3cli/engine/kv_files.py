"""Saved KV caches as files of one folder: what they hold, which are trustworthy, and which have to go.

    <key>-<random>.kv    a sequence as llama.cpp writes it; behind it its tokens, what it was computed with (JSON),
                         the lengths of these, an HMAC-SHA256 over everything before, and a mark

llama.cpp believes what such a file says, so it is only ever given bytes that this user's `qwen3` has written: the HMAC's
secret lies in the state folder. Whatever is cut, changed, forged or brought from elsewhere is removed. The folder keeps to a
limit; what was not used for the longest time goes first. Knows no context and no prompt.
"""

import contextlib
import hmac
import json
import os
import secrets
import shutil
import struct
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.engine.types import TokenId

_MARK = b"qwen3kv1"
_LENGTHS = struct.Struct("<QII")  # bytes of llama.cpp's part, tokens, bytes of the JSON
_MAC_BYTES = 32
_END_BYTES = _LENGTHS.size + _MAC_BYTES + len(_MARK)
_TOKEN_BYTES = 4
_SUFFIX, _UNFINISHED = ".kv", ".unfinished"
# A process that was killed while it wrote leaves its file; one that is this old belongs to nobody.
_UNFINISHED_SECONDS = 3600.0
_READ_BYTES = 1 << 20
_SECRET_BYTES = 32
# Left free on the disk, so that nothing else on it fails for want of a block.
_SPARE_DISK_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class SavedSequence:
    """One file. `computed_with` is all that must be the same for it to be of use; `tokens` are 32-bit numbers."""

    path: Path
    title: str
    computed_with: Mapping[str, Any]
    tokens: bytes
    file_bytes: int
    used_at: float

    @property
    def count(self) -> int:
        """How many tokens it holds."""
        return len(self.tokens) // _TOKEN_BYTES

    @property
    def token_ids(self) -> list[TokenId]:
        """The tokens as numbers."""
        return [TokenId(each) for each in array("i", self.tokens)]

    def shared_with(self, tokens: bytes) -> int:
        """How many tokens the two begin with in common."""
        low, high = 0, min(len(self.tokens), len(tokens)) // _TOKEN_BYTES
        while low < high:
            middle = (low + high + 1) // 2
            if self.tokens[: middle * _TOKEN_BYTES] == tokens[: middle * _TOKEN_BYTES]:
                low = middle
            else:
                high = middle - 1
        return low


def packed(tokens: Sequence[TokenId]) -> bytes:
    """Tokens as the files have them."""
    return array("i", tokens).tobytes()


class KvFiles:
    """The folder. Everything here may raise OSError, and nothing is ever lost by it but time."""

    def __init__(self, folder: Path, secret: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._secret = secret

    def __iter__(self) -> Iterator[SavedSequence]:
        """Every sequence, the one used last first. What cannot be one is removed."""
        found = [_read(path) for path in self._paths()]
        yield from sorted(filter(None, found), key=lambda each: -each.used_at)

    def of(self, computed_with: Mapping[str, Any]) -> Iterator[SavedSequence]:
        """Those that were computed with exactly this."""
        for path in self._paths(_name_of(computed_with)):
            found = _read(path)
            if found is not None and found.computed_with == computed_with:
                yield found
            elif found is not None:
                remove(found.path)

    def is_genuine(self, saved: SavedSequence) -> bool:
        """Whether every byte is as this user's program wrote it. Reads the file: 0.2 s for 336 MiB."""
        try:
            with saved.path.open("rb") as file:
                proof = self._proof(file, saved.file_bytes - _MAC_BYTES - len(_MARK))
                return hmac.compare_digest(proof, file.read(_MAC_BYTES))
        except OSError:
            return False

    def add(
        self,
        title: str,
        computed_with: Mapping[str, Any],
        tokens: bytes,
        write: Callable[[Path], int],
    ) -> None:
        """Keep a sequence; `write` puts it into a file and returns its length."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(_UNFINISHED, dir=self.folder)  # for this user's eyes only
        os.close(handle)
        beside = Path(name)
        try:
            written = write(beside)
            with beside.open("rb+") as file:
                if not written or file.seek(0, os.SEEK_END) != written:
                    raise OSError("the disk is full")
                facts = json.dumps({"title": title, "computed_with": computed_with}).encode()
                lengths = _LENGTHS.pack(written, len(tokens) // _TOKEN_BYTES, len(facts))
                file.write(tokens + facts + lengths)
                proved = file.tell()
                file.seek(0)
                proof = self._proof(file, proved)
                file.write(proof + _MARK)
            beside.replace(
                self.folder / f"{_name_of(computed_with)}-{secrets.token_hex(8)}{_SUFFIX}"
            )
        finally:
            beside.unlink(missing_ok=True)

    def used(self, saved: SavedSequence) -> None:
        """It was of use just now."""
        with contextlib.suppress(OSError):
            os.utime(saved.path)

    def has_room_for(self, size: int) -> bool:
        """Whether so much more can be kept, once the oldest have gone. Those go."""
        self._sweep()
        kept = list(self)
        total = sum(each.file_bytes for each in kept)
        while kept and total + size > self.limit_bytes:
            oldest = kept.pop()
            total -= oldest.file_bytes
            remove(oldest.path)
        there = next(each for each in (self.folder, *self.folder.parents) if each.exists())
        return shutil.disk_usage(there).free >= size + _SPARE_DISK_BYTES

    def clear(self) -> int:
        """Remove them all. Returns how many bytes that freed."""
        paths = [*self._paths(), *self._paths(suffix=_UNFINISHED)]
        freed = sum(each.stat().st_size for each in paths)
        for each in paths:
            each.unlink(missing_ok=True)
        return freed

    def _paths(self, name: str = "", suffix: str = _SUFFIX) -> list[Path]:
        return list(self.folder.glob(f"{name}*{suffix}"))

    def _sweep(self) -> None:
        for path in self._paths(suffix=_UNFINISHED):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
                    path.unlink()

    def _proof(self, file: BinaryIO, size: int) -> bytes:
        """The HMAC of the next `size` bytes."""
        proof = hmac.new(self._secret_bytes(), digestmod=sha256)
        while size and (block := file.read(min(size, _READ_BYTES))):
            proof.update(block)
            size -= len(block)
        return proof.digest()

    def _secret_bytes(self) -> bytes:
        """The secret, made when it is first wanted. One that is not whole proves nothing, so it is made anew."""
        with contextlib.suppress(FileNotFoundError):
            found = self._secret.read_bytes()
            if len(found) == _SECRET_BYTES:
                return found
        self._secret.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = secrets.token_bytes(_SECRET_BYTES)
        handle, beside = tempfile.mkstemp(dir=self._secret.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        Path(beside).replace(self._secret)
        return made


def remove(path: Path) -> None:
    """Remove a file that is of no use; where that cannot be, it is passed over the next time too."""
    with contextlib.suppress(OSError):
        path.unlink()


def _name_of(computed_with: Mapping[str, Any]) -> str:
    """What the names of all files begin with that were computed with this."""
    return sha256(json.dumps(computed_with, sort_keys=True).encode()).hexdigest()[:16]


def _read(path: Path) -> SavedSequence | None:
    """What a file says it is, without a proof; None, and it is removed, where its parts do not add up."""
    try:
        with path.open("rb") as file:
            return _parts(path, file)
    except OSError:
        return None
    except (*OTHER_FORM, struct.error):
        remove(path)
        return None


def _parts(path: Path, file: BinaryIO) -> SavedSequence:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    end = file.read(_END_BYTES)
    written, count, facts_bytes = _LENGTHS.unpack(end[: _LENGTHS.size])
    parts = written + count * _TOKEN_BYTES + facts_bytes
    if not end.endswith(_MARK) or parts + _END_BYTES != size:
        raise ValueError("cut short")
    file.seek(written)
    tokens = file.read(count * _TOKEN_BYTES)
    facts = json.loads(file.read(facts_bytes))
    return SavedSequence(
        path,
        str(facts["title"]),
        dict(facts["computed_with"]),
        tokens,
        size,
        path.stat().st_mtime,
    )
