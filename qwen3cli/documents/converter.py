"""Documents that are no text as they lie: which kind one is, and its text from a confined child process.

Knows that there are libraries for it and what they are called; which bytes mean what is theirs.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import PurePath

from qwen3cli.base.errors import UsageProblem

_SECONDS = 60.0
_EXTRA = "pip install 'qwen3[documents]'"
_OLE, _ZIP, _PDF, _RTF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"%PDF-", b"{\\rtf"
# The mark of a PDF may stand behind other bytes; readers look so far for it.
_PDF_WITHIN_BYTES = 1024


class Kind(StrEnum):
    """What a converter is for, and the library it needs."""

    PDF = "pdf"
    OFFICE = "office"
    HTML = "html"
    NOTEBOOK = "notebook"


_LIBRARIES = {
    Kind.PDF: ("pdf_inspector", "pypdfium2"),
    Kind.OFFICE: ("anydoc",),
    Kind.HTML: ("markdownify", "html5lib"),
}
_HTML_NAMES, _NOTEBOOK_NAMES = (".html", ".htm", ".xhtml"), (".ipynb",)
_DOCUMENT_NAMES = (
    ".pdf", ".rtf", ".epub", ".ipynb", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp",
)  # fmt: skip
_HTML_BEGINNINGS = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Page:
    """One page, from 1; 0 where a format has none. `is_picture`: it has no text that can be read, and something to look at."""

    number: int
    text: str
    is_picture: bool = False


def refuse_empty(name: str, raw: bytes) -> None:
    """Nothing, unless a document that cannot be empty is: a download that broke, or a text under a wrong name.

    Raises:
        UsageProblem: it is.
    """
    if not raw and PurePath(name).suffix.lower() in _DOCUMENT_NAMES:
        raise _unreadable(name, "it is empty")


def kind_of(name: str, raw: bytes) -> Kind | None:
    """Which converter a document needs, by its first bytes, or by its name where those say nothing; None: it is text."""
    if _PDF in raw[:_PDF_WITHIN_BYTES]:
        return Kind.PDF
    if raw.startswith((_OLE, _ZIP, _RTF)):
        return Kind.OFFICE
    suffix = PurePath(name).suffix.lower()
    if suffix in _NOTEBOOK_NAMES:
        return Kind.NOTEBOOK
    beginning = raw.lstrip()[:64].lower()
    if suffix in _HTML_NAMES or beginning.startswith(_HTML_BEGINNINGS):
        return Kind.HTML
    return None


def convert(name: str, raw: bytes, kind: Kind) -> tuple[Page, ...]:
    """The pages of a document, at least one.

    Raises:
        UsageProblem: it is damaged, encrypted, a bomb or empty, or the library is not installed; says which.
    """
    if not all(map(find_spec, _LIBRARIES.get(kind, ()))):
        raise UsageProblem(f"{name} is no plain text, and what reads it is not installed", _EXTRA)
    suffix = PurePath(name).suffix.lower()
    worker = [sys.executable, "-P", "-m", "qwen3cli.documents.converter_worker", kind.value, suffix]
    try:
        done = subprocess.run(worker, input=raw, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _unreadable(name, f"it takes longer than {_SECONDS:.0f} s") from None
    if done.returncode != 0 or not done.stdout:
        raise _unreadable(name, "its reader gave up on it")
    outcome = json.loads(done.stdout)
    if "error" in outcome:
        raise _unreadable(name, outcome["error"])
    pictures = set(outcome["unreadable"])
    pages = tuple(Page(number, text, number in pictures) for number, text in outcome["pages"])
    if not any(page.text for page in pages):
        raise _unreadable(name, _emptiness(len(pictures)))
    return pages


def _emptiness(pictures: int) -> str:
    if pictures:
        return f"all {pictures:,} pages are pictures; their text would have to be recognized first"
    return "there is no text in it"


def _unreadable(name: str, reason: str) -> UsageProblem:
    hint = "give a text of it, or another format"
    return UsageProblem(f"{os.fspath(name)} cannot be read: {reason[:200]}", hint)
