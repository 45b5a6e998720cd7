"""XML entities that a document declares for itself: the stuff of which bombs are made, and of hardly anything else.

A parser that expands them can be made to fill the memory; one that does not, gives a text with holes in it. So whoever reads
documents refuses those that declare any, as `defusedxml` does. Only a prologue is looked at, by Python's own parser, which
stops at the first element. Knows nothing of what the documents say.
"""

import io
import zipfile
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

_PIECE_BYTES = 2**16
# A prologue is a few lines; where no element has begun by then, there is no document.
_MOST_PROLOGUE_BYTES = 2**20
_PICTURES = (
    ".svg",
    ".svgz",
)  # drawing programs declare names in theirs, which nobody reads as text


class _Declared(Exception):
    """An entity is declared."""


class _Begun(Exception):
    """The first element is there, and all declarations are behind it."""


def entities_are_declared(raw: bytes) -> bool:
    """Whether an XML document, or one inside an archive of them, declares entities of its own. What is damaged declares none
    that anybody could read."""
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        return _in_prologue(io.BytesIO(raw))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return any(_in_member(archive, each) for each in archive.infolist())
    except (zipfile.BadZipFile, ValueError):
        return False


def _in_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    if member.is_dir() or member.filename.lower().endswith(_PICTURES):
        return False
    try:
        with archive.open(member) as file:
            return _in_prologue(file)
    except Exception:  # noqa: BLE001 - a member that cannot be unpacked, in any of the ways zipfile has
        return False


def _in_prologue(file: Any) -> bool:
    parser = ParserCreate()
    parser.EntityDeclHandler = _declared
    parser.StartElementHandler = _begun
    try:
        for _ in range(0, _MOST_PROLOGUE_BYTES, _PIECE_BYTES):
            piece = file.read(_PIECE_BYTES)
            parser.Parse(piece, not piece)
            if not piece:
                break
    except _Declared:
        return True
    except (_Begun, ExpatError):
        return False
    return False


def _declared(*_: Any) -> None:
    raise _Declared


def _begun(*_: Any) -> None:
    raise _Begun
