"""A file that is being fetched: its bytes, each at its own place, and a map of which of them have come.

    <digest>.qwen3-partial   the bytes; where some are missing there is a hole
    <digest>.qwen3-pieces    a line of JSON that says which file this is, then a character for each block of it:
                             `#` came, `.` is missing

A block is marked after its bytes were written, so whoever is killed in between loses that block and nothing else. After
a power cut the map may say more than the disk has kept; the digest finds that. Knows no network and no digest.
"""

import json
import threading
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from qwen3cli.base.shapes import OTHER_FORM

# The most that is lost of each connection when the process is killed. The map of 130 GB has 8 MB.
BLOCK_BYTES = 16 * 1024
_VERSION = 1
_CAME, _MISSING = b"#", b"."
_ASKED = b"?"  # somebody is fetching it; never on the disk


@dataclass(frozen=True, slots=True)
class Origin:
    """Which file it is that is being fetched."""

    repository: str
    path: str
    bytes: int


@dataclass(slots=True, eq=False)
class Piece:
    """What one connection fetches: from `start`, which moves on as bytes come, to before `end`. Empty once it was given
    up."""

    start: int
    end: int


class Partial:
    """A file that is being fetched, or goes on being fetched. Several threads may share it."""

    def __init__(self, blob: Path, origin: Origin) -> None:
        self.path, self._map_path = partial_of(blob), map_of(blob)
        self.total_bytes = origin.bytes
        found = _read(blob)
        if found is None or found[0].bytes != origin.bytes:
            found = origin, _MISSING * _blocks(origin.bytes)
            self._start_over(*found)
        self._map = bytearray(found[1])
        self._map_offset = len(_header(found[0]))
        self._came_blocks = self._map.count(_CAME)
        self._claimed_to = 0  # no block before this one is missing and unasked for
        self._pieces = set[Piece]()  # claimed, and not given up
        self._lock = threading.Lock()
        self._bytes_file = self.path.open("r+b", buffering=0)
        self._map_file = self._map_path.open("r+b", buffering=0)

    @property
    def came_bytes(self) -> int:
        """How much is here, to a block."""
        return min(self._came_blocks * BLOCK_BYTES, self.total_bytes)

    @property
    def is_whole(self) -> bool:
        """Whether every byte has come."""
        return self._came_blocks == len(self._map)

    def claim(self, most_bytes: int) -> Piece | None:
        """The first bytes that are missing and that nobody fetches, for the caller to fetch; None if there are none."""
        with self._lock:
            first = self._map.find(_MISSING, self._claimed_to)
            if first < 0:
                return None
            last = self._claim(first, first + most_bytes // BLOCK_BYTES)
            self._claimed_to = last
            piece = Piece(first * BLOCK_BYTES, min(last * BLOCK_BYTES, self.total_bytes))
            self._pieces.add(piece)
            return piece

    def extend(self, piece: Piece, to: int) -> None:
        """Claim the bytes behind a piece too, as far as nobody has or fetches them."""
        with self._lock:
            if piece in self._pieces:
                last = self._claim(_blocks(piece.end), _blocks(to))
                piece.end = max(piece.end, min(last * BLOCK_BYTES, self.total_bytes))

    def release(self, piece: Piece) -> None:
        """Give up what of a piece has not come, for somebody else to fetch."""
        with self._lock:
            if piece in self._pieces:
                self._release(piece)

    def release_all(self) -> None:
        """Give up every piece. Whoever still waits for the bytes of one will write none of them."""
        with self._lock:
            for piece in list(self._pieces):
                self._release(piece)

    def claim_all(self, piece: Piece) -> None:
        """Make a piece the whole file, for a source that has no less to give. Nobody else may be fetching."""
        with self._lock:
            if piece in self._pieces:
                self._map = self._map.replace(_MISSING, _ASKED)
                piece.start, piece.end = 0, self.total_bytes

    def write(self, piece: Piece, data: bytes) -> None:
        """Put the next bytes of a piece into their place, and none beyond it; what is left of it begins behind them.

        Raises:
            OSError: the disk is full, or worse.
        """
        with self._lock:
            data = data[: piece.end - piece.start]
            if not data:
                return
            end = piece.start + len(data)
            first = piece.start // BLOCK_BYTES
            last = len(self._map) if end == self.total_bytes else end // BLOCK_BYTES
            _write_at(self._bytes_file, piece.start, data)
            _write_at(self._map_file, self._map_offset + first, _CAME * (last - first))
            self._came_blocks += last - first - self._map.count(_CAME, first, last)
            self._map[first:last] = _CAME * (last - first)
            piece.start = end

    def close(self) -> None:
        """Let go of the files. What came stays."""
        self.release_all()
        with self._lock:
            self._bytes_file.close()
            self._map_file.close()

    def _claim(self, first: int, to: int) -> int:
        """Mark the missing blocks from `first` to before `to`, as far as they are missing. Returns the one behind them."""
        run = self._map[first:to]
        missing = len(run) - len(run.lstrip(_MISSING))
        self._map[first : first + missing] = _ASKED * missing
        return first + missing

    def _release(self, piece: Piece) -> None:
        first, last = piece.start // BLOCK_BYTES, _blocks(piece.end)
        self._map[first:last] = self._map[first:last].replace(_ASKED, _MISSING)
        self._claimed_to = min(self._claimed_to, first)
        self._pieces.remove(piece)
        piece.end = piece.start

    def _start_over(self, origin: Origin, missing: bytes) -> None:
        self.path.write_bytes(b"")
        beside = self._map_path.with_name(f"{self._map_path.name}-new")
        beside.write_bytes(_header(origin) + missing)
        beside.replace(self._map_path)


def partial_of(blob: Path) -> Path:
    """Where the bytes of a blob are collected."""
    return blob.with_name(f"{blob.name}.qwen3-partial")


def map_of(blob: Path) -> Path:
    """Where it is written which of them have come."""
    return blob.with_name(f"{blob.name}.qwen3-pieces")


def origin_of(blob: Path) -> Origin | None:
    """Which file is being fetched to become this blob; None if none is."""
    found = _read(blob)
    return found and found[0]


def came_bytes(blob: Path) -> int:
    """How much of a blob that is being fetched is here."""
    found = _read(blob)
    return min(found[1].count(_CAME) * BLOCK_BYTES, found[0].bytes) if found else 0


def _read(blob: Path) -> tuple[Origin, bytes] | None:
    """The map, if it is one and the bytes that it tells of can be there."""
    try:
        with map_of(blob).open("rb") as file:
            header, blocks = file.readline(), file.read()
        told = json.loads(header)
        origin = Origin(str(told["repository"]), str(told["path"]), int(told["bytes"]))
        reached = min((blocks.rfind(_CAME) + 1) * BLOCK_BYTES, origin.bytes)
        there = partial_of(blob).stat().st_size
    except (OSError, *OTHER_FORM):
        return None
    is_map = header == _header(origin) and len(blocks) == _blocks(origin.bytes)
    return (origin, blocks) if is_map and reached <= there else None


def _header(origin: Origin) -> bytes:
    told = {"version": _VERSION, "block_bytes": BLOCK_BYTES, **asdict(origin)}
    return json.dumps(told).encode() + b"\n"


def _blocks(size_bytes: int) -> int:
    """How many blocks so many bytes fill or begin."""
    return -(-size_bytes // BLOCK_BYTES)


def _write_at(file: FileIO, at: int, data: bytes) -> None:
    rest = memoryview(data)
    file.seek(at)
    while rest:
        rest = rest[file.write(rest) :]
