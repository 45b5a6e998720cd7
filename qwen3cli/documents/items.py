"""Many inputs of one kind: the lines of a text, the values of a JSONL file, the rows of a table, or files.

    lines    what stands on a line, or, separated by zero bytes, between two of them
    jsonl    a JSON value a line; the members of an object are fields
    csv      a row; its columns are fields, by the names in the first row (.tsv: by tabs)
    files    the text of a file; its `name` is a field

Inputs are read whole, so that it is known how many there are and whether they are the same as before; each is understood
only when it is its turn, so what is wrong with one is its own affair. Empty lines and rows stand for nothing.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import user_path
from qwen3cli.base.units import bytes_text
from qwen3cli.documents.encodings import strict_text
from qwen3cli.documents.files import paths_of
from qwen3cli.documents.text import read_document

STANDARD_INPUT = "-"
# Far above any list of prompts; a device that never ends is refused here instead of filling the memory.
_MOST_BYTES = 2**30
_PIECE_BYTES = 2**20
_LONGEST_FIELD = 2**30  # the csv module's own limit is 128 KiB
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ItemForm(StrEnum):
    """How inputs are told apart."""

    LINES = "lines"
    JSONL = "jsonl"
    CSV = "csv"
    FILES = "files"


_BY_SUFFIX = {
    ".jsonl": ItemForm.JSONL,
    ".ndjson": ItemForm.JSONL,
    ".csv": ItemForm.CSV,
    ".tsv": ItemForm.CSV,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One input: its text as a whole, and its fields; None where its kind has none."""

    text: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item is to be had. `read` raises UsageProblem if it is none."""

    name: str
    read: Callable[[], Item]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All of them, in order. `fields` are those that every item has; None: each has its own. `digest` tells one set of inputs
    from another."""

    sources: Sequence[Source]
    fields: frozenset[str] | None
    digest: str


def read_inputs(
    names: Sequence[str], form: ItemForm | None, stdin: BinaryIO, *, zero_bytes: bool
) -> Inputs:
    """What the names stand for, or standard input where there are none. `form` None is told by each name's suffix;
    `zero_bytes` part lines instead of line ends.

    Raises:
        UsageProblem: a file cannot be read, or is no table.
    """
    digest = sha256()
    sources: list[Source] = []
    fields: list[frozenset[str] | None] = []
    for name in names or (STANDARD_INPUT,):
        kind = form or _BY_SUFFIX.get(Path(name).suffix.lower(), ItemForm.LINES)
        if kind is ItemForm.FILES and name != STANDARD_INPUT:
            found = _files(paths_of(name))
            raw = "\0".join(each.name for each in found).encode("utf-8", "surrogateescape")
            known: frozenset[str] | None = frozenset({"name"})
        else:
            raw = _bytes_of(name, stdin)
            found, known = _items_of(raw, name, kind, zero_bytes=zero_bytes)
        digest.update(f"{kind} {len(raw)} ".encode() + raw)
        sources += found
        fields.append(known)
    known_ones = [each for each in fields if each is not None]
    common = frozenset.intersection(*known_ones) if len(known_ones) == len(fields) else None
    return Inputs(sources, common, digest.hexdigest())


def _bytes_of(name: str, stdin: BinaryIO) -> bytes:
    if name == STANDARD_INPUT:
        return _whole(stdin, "standard input")
    try:
        with user_path(name).open("rb") as file:
            return _whole(file, name)
    except FileNotFoundError:
        raise UsageProblem(f"no such file: {name}") from None
    except IsADirectoryError:
        raise UsageProblem(f"{name} is a folder", "--input files takes the files in it") from None
    except OSError as problem:
        raise UsageProblem(f"cannot read {name}: {problem.strerror}") from None


def _whole(stream: BinaryIO, name: str) -> bytes:
    raw = bytearray()
    while piece := stream.read(_PIECE_BYTES):
        raw += piece
        if len(raw) > _MOST_BYTES:
            raise UsageProblem(
                f"{name} is longer than {bytes_text(_MOST_BYTES)}", "give a part of it"
            )
    return bytes(raw.removeprefix(_BYTE_ORDER_MARK))


def _items_of(
    raw: bytes, name: str, kind: ItemForm, *, zero_bytes: bool
) -> tuple[list[Source], frozenset[str] | None]:
    """The items in the bytes of one input, and the fields that all of them have."""
    place = "standard input" if name == STANDARD_INPUT else name
    if kind is ItemForm.CSV:
        return _rows(raw, place, "\t" if name.lower().endswith(".tsv") else ",")
    ends = b"\0" if zero_bytes else b"\n"
    parts = [
        (f"{place}:{number}", part if zero_bytes else part.removesuffix(b"\r"))
        for number, part in enumerate(raw.split(ends), 1)
        if part.strip()
    ]
    if kind is ItemForm.FILES:
        found = [each for _, part in parts for each in _files(paths_of(strict_text(part, place)))]
        return found, frozenset({"name"})
    read = _json_item if kind is ItemForm.JSONL else _line_item
    fields = None if kind is ItemForm.JSONL else frozenset[str]()
    return [Source(at, partial(read, part, at)) for at, part in parts], fields


def _line_item(raw: bytes, place: str) -> Item:
    return Item(strict_text(raw, place))


def _json_item(raw: bytes, place: str) -> Item:
    text = strict_text(raw, place)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UsageProblem(f"{place} is no JSON: {problem}") from None
    if not isinstance(value, dict):
        return Item(_as_text(value), {})
    return Item(text.strip(), {name: _as_text(each) for name, each in value.items()})


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rows(raw: bytes, place: str, delimiter: str) -> tuple[list[Source], frozenset[str]]:
    lines = csv.reader(
        io.StringIO(raw.decode("utf-8", "surrogateescape"), newline=""), delimiter=delimiter
    )
    csv.field_size_limit(_LONGEST_FIELD)
    header = next(lines, [])
    if not any(header):
        raise UsageProblem(f"{place} has no names in its first row", "--input lines takes any text")
    found = []
    for row, problem in _each(lines):
        at = f"{place}:{lines.line_num}"
        if row or problem:
            found.append(Source(at, partial(_row_item, header, row, at, problem)))
    return found, frozenset(header)


def _each(lines: Any) -> Iterator[tuple[list[str], str]]:
    """Every row, or what is wrong with it."""
    while True:
        try:
            yield next(lines), ""
        except StopIteration:
            return
        except csv.Error as problem:
            yield [], str(problem)


def _row_item(header: Sequence[str], row: Sequence[str], place: str, problem: str) -> Item:
    if problem:
        raise UsageProblem(f"{place} is no row: {problem}")
    if len(row) != len(header):
        raise UsageProblem(f"{place} has {len(row)} fields, and the first row names {len(header)}")
    for each in row:
        strict_text(each.encode("utf-8", "surrogateescape"), place)
    fields = dict(zip(header, row, strict=True))
    return Item("\n".join(f"{name}: {value}" for name, value in fields.items()), fields)


def _files(paths: Sequence[Path]) -> list[Source]:
    return [Source(str(path), partial(_file_item, path)) for path in paths]


def _file_item(path: Path) -> Item:
    document = read_document(path).document
    return Item(document.text, {"name": document.name})
