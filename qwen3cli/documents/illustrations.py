"""The pictures in a document, small enough for a page, and the addresses of those it only names.

Knows which kind of reader a document needs; the reading itself is done by a confined child process, as for its text.
"""

import base64
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.documents.archive_pictures import AROUND_CHARACTERS
from qwen3cli.documents.converter import Kind, kind_of
from qwen3cli.documents.files import Pages
from qwen3cli.documents.text import bytes_of

_SECONDS = 60.0
_LIBRARIES = ("PIL", "pypdfium2")
EXTRA = "pip install 'qwen3[pictures]'"
_OUTSIDE = re.compile(r"!\[(?P<text>[^\]\n]*)\]\(\s*<?(?P<address>https?://[^\s)>]+)")


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture as WebP. `page` counts from 1; 0 where a format has none. `around` is the text that stands around it."""

    data: bytes
    page: int = 0
    around: str = ""

    @property
    def address(self) -> str:
        """The picture as an address that holds it."""
        return f"data:image/webp;base64,{base64.b64encode(self.data).decode()}"


@dataclass(frozen=True, slots=True)
class Outside:
    """A picture that the document names and does not hold."""

    address: str
    text: str
    around: str = ""


@dataclass(frozen=True, slots=True)
class Illustrations:
    """What was found, and what the user should know of what was not."""

    inside: tuple[Illustration, ...] = ()
    outside: tuple[Outside, ...] = ()
    remarks: tuple[str, ...] = ()


def illustrations_of(path: Path, pages: Pages | None, most_bytes: int) -> Illustrations:
    """The pictures of one file, those of some pages if it has pages, together of at most so many bytes.

    What cannot be read has none: the text of the document is what counts, and that was read.
    """
    try:
        raw = bytes_of(path)
    except UsageProblem:  # it was there when its text was read
        return Illustrations()
    kind = kind_of(str(path), raw)
    if kind is None or kind is Kind.NOTEBOOK:
        return Illustrations(outside=_named_in(raw.decode("utf-8", "replace")))
    if not all(map(find_spec, _LIBRARIES)):
        return Illustrations(remarks=(f"pictures are left out; {EXTRA} brings what reads them",))
    return _found(str(path), raw, kind, pages, most_bytes)


def _named_in(markdown: str) -> tuple[Outside, ...]:
    found: dict[str, Outside] = {}
    for each in _OUTSIDE.finditer(markdown):
        start, end = max(0, each.start() - AROUND_CHARACTERS), each.end() + AROUND_CHARACTERS
        picture = Outside(each["address"], each["text"].strip(), markdown[start:end])
        found.setdefault(picture.address, picture)
    return tuple(found.values())


def _found(
    name: str, raw: bytes, kind: Kind, pages: Pages | None, most_bytes: int
) -> Illustrations:
    first, last = (1, None) if pages is None else (pages.first, pages.last)
    worker = [sys.executable, "-P", "-m", "qwen3cli.documents.illustrations_worker"]
    limits = [kind.value, str(most_bytes), str(first), str(last or 0)]
    gave_up = Illustrations(remarks=(f"the pictures of {name} cannot be read",))
    try:
        done = subprocess.run(
            [*worker, *limits], input=raw, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return gave_up
    if done.returncode != 0 or not done.stdout:
        return gave_up
    told = json.loads(done.stdout)
    return Illustrations(
        tuple(
            Illustration(base64.b64decode(data), page, around)
            for page, around, data in told["inside"]
        ),
        tuple(Outside(*each) for each in told["outside"]),
        tuple(_remarks(name, told["unreadable"], told["too_many"])),
    )


def _remarks(name: str, unreadable: int, too_many: int) -> list[str]:
    told = (
        (unreadable, "cannot be read"),
        (too_many, "are left out, as the page would be too large"),
    )
    return [f"pictures of {name} that {what}: {count:,}" for count, what in told if count]
