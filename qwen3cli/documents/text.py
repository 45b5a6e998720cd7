"""One file as a document: text in any encoding, or a format that has to be converted. Read whole or refused: never cut."""

import codecs
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.dialogue.messages import Document, Excerpt
from qwen3cli.documents.converter import Kind, Page, convert, kind_of, refuse_empty
from qwen3cli.documents.encodings import Decoded, decode_text, strict_text
from qwen3cli.documents.languages import language_of
from qwen3cli.documents.pictures import refuse_picture

# More than any context holds; a device or a stream that never ends is refused here instead of filling the memory.
MOST_BYTES = 64 * 2**20
# Where a web page says its own encoding: as far as browsers look for it (HTML, 13.2.3.2).
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=", re.IGNORECASE)
_PRESCANNED_BYTES = 1024
_PIECE_BYTES = 2**20  # read at once, so that a short text takes little memory


@dataclass(frozen=True, slots=True)
class Reading:
    """A document, its pages if it has some, and what the user should know of how it was read."""

    document: Document
    pages: tuple[Page, ...] = ()
    remarks: tuple[str, ...] = ()

    def with_excerpt(self, excerpt: Excerpt | None) -> "Reading":
        """The same, of which this part is wanted."""
        return replace(self, document=replace(self.document, excerpt=excerpt))

    def of_pages(self, pages: tuple[Page, ...]) -> "Reading":
        """The same document with these pages alone, each under its number."""
        name = self.document.name
        text = "\n\n".join(f"[page {page.number}]\n{page.text}" for page in pages if page.text)
        lost = _numbers([page.number for page in pages if page.is_picture])
        remark = f"{name or 'the document'}: nothing was read of page {lost}: pictures, or letters without a meaning"
        return Reading(Document(name, text), pages, (remark,) if lost else ())


def read_document(path: Path) -> Reading:
    """Read one file.

    Raises:
        UsageProblem: it is missing, a folder, unreadable, damaged, or neither text nor a document.
    """
    name = os.fsencode(path).decode(
        "utf-8", "replace"
    )  # a name may be bytes that are no text; a prompt is text
    raw = bytes_of(path)
    return reading_of(name, raw, kind_of(name, raw), name)


def reading_of(name: str, raw: bytes, kind: Kind | None, path: str) -> Reading:
    """A document of some bytes; `path` tells the language of source code.

    Raises:
        UsageProblem: they are damaged, or neither text nor a document.
    """
    refuse_picture(raw, name)
    refuse_empty(path, raw)
    if kind is Kind.HTML and not _DECLARED.search(raw[:_PRESCANNED_BYTES]):
        decoded = decode_text(raw, name)
        text = convert(name, codecs.BOM_UTF8 + decoded.text.encode(), kind)[0].text
        return Reading(Document(name, text), remarks=_guess(name, decoded))
    if kind is None:
        decoded = decode_text(raw, name)
        remarks = [*_guess(name, decoded)]
        remarks += [f"{name} has no text in it"] * (not decoded.text.strip())
        return Reading(Document(name, decoded.text, language_of(path)), remarks=tuple(remarks))
    converted = convert(name, raw, kind)
    if not converted[0].number:
        return Reading(Document(name, converted[0].text))
    return Reading(Document(name, "")).of_pages(converted)


def _guess(name: str, decoded: Decoded) -> tuple[str, ...]:
    guessed = decoded.guessed
    return (f"{name} was read as {guessed}, which is a guess",) if guessed else ()


def bytes_of(path: Path) -> bytes:
    """All of one file.

    Raises:
        UsageProblem: it is missing, a folder, unreadable, or longer than any context.
    """
    try:
        with path.open("rb") as file:
            return read_bounded(file, str(path))
    except FileNotFoundError:
        raise UsageProblem(f"no such file: {path}") from None
    except IsADirectoryError:
        raise UsageProblem(
            f"{path} is a folder", f"name its files, for example {path}/*.md"
        ) from None
    except OSError as problem:
        raise UsageProblem(f"cannot read {path}: {problem.strerror}") from problem


def _numbers(numbers: list[int]) -> str:
    """`3, 7-9`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def read_bounded(stream: BinaryIO, name: str) -> bytes:
    """All of a stream.

    Raises:
        UsageProblem: it is longer than any context.
    """
    raw = bytearray()
    while len(raw) <= MOST_BYTES:
        piece = stream.read(_PIECE_BYTES)
        raw += piece
        # A piece that is not full is the last one. To ask again would be to wait for a second Ctrl-D on a terminal.
        if len(piece) < _PIECE_BYTES and len(raw) <= MOST_BYTES:
            return bytes(raw)
    raise UsageProblem(
        f"{name} is longer than {bytes_text(MOST_BYTES)}, which no context holds",
        "give a part of it",
    )


def piped_document(stream: BinaryIO, name: str) -> Reading:
    """What comes on a stream, as a document without a name.

    Raises:
        UsageProblem: it is longer than any context, or neither text nor a document.
    """
    raw = read_bounded(stream, name)
    refuse_picture(raw, name)
    kind = kind_of("", raw)
    if kind is None:
        return Reading(Document("", strict_text(raw, name)))
    return Reading(Document("", "")).of_pages(convert(name, raw, kind))


def argument_text(text: str, name: str) -> str:
    """An argument of the command line as the UTF-8 it was typed in, whatever the locale made of its bytes.

    Raises:
        UsageProblem: it is no UTF-8.
    """
    return strict_text(os.fsencode(text), name)
