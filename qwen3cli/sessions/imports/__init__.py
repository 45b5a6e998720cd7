"""Conversations from elsewhere: which format a file has, and what it says, as our own values.

One file for a format. What is in them is a stranger's: texts are taken as they are, nothing is run, fetched or opened, and what
does not have the form is refused with what was expected. Knows no store.
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.shapes import OTHER_FORM, checked
from qwen3cli.base.whole_file import read_whole
from qwen3cli.sessions.imports import chatgpt, llm, open_webui, own
from qwen3cli.sessions.values import Session

_EXPECTED = "our own JSON, ChatGPT's conversations.json or its .zip, llm's logs.db or JSON, Open WebUI's JSON"
_SQLITE, _ZIP = b"SQLite format 3\0", b"PK\x03\x04"
_MOST_BYTES = 2**30  # of one file, unpacked: tens of thousands of conversations


def sessions_in(path: Path) -> list[Session]:
    """The conversations of a file.

    Raises:
        UsageProblem: it cannot be read, or is no export that is known.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        if start == _SQLITE:
            return _read(path, llm.from_database, path)
        if start.startswith(_ZIP):
            return [each for text in _archived(path) for each in _from_json(path, text)]
        return _from_json(path, read_whole(path, _MOST_BYTES))
    except OSError as problem:
        raise UsageProblem(f"cannot read {path}: {problem.strerror}", "name another file") from None
    except zipfile.BadZipFile:
        raise _refused(path, "it is a damaged archive") from None


def _from_json(path: Path, data: bytes) -> list[Session]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise _refused(path, "it is no JSON") from None
    for matches, reader in _READERS:
        if _matches(matches, told):
            return _read(path, reader, told)
    raise _refused(path, "its JSON has another form")


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], list[Session]]], ...] = (
    (own.matches, own.read),
    (own.matches_saved, own.read_saved),
    (chatgpt.matches, chatgpt.read),
    (open_webui.matches, open_webui.read),
    (llm.matches, llm.read),
)


def _matches(matches: Callable[[Any], bool], told: Any) -> bool:
    try:
        return matches(told)
    except OTHER_FORM:
        return False


def _read(path: Path, reader: Callable[[Any], list[Session]], told: Any) -> list[Session]:
    try:
        return [checked(each) for each in reader(told)]
    except OTHER_FORM as problem:
        raise _refused(path, f"{type(problem).__name__}: {problem}") from None


def _archived(path: Path) -> Iterator[bytes]:
    """The files of conversations in an archive; the rest of it is not looked at."""
    with zipfile.ZipFile(path) as archive:
        names = [
            each
            for each in archive.infolist()
            if Path(each.filename).name.startswith("conversations")
            and each.filename.endswith(".json")
            and each.file_size <= _MOST_BYTES
        ]
        if not names:
            raise _refused(path, "there is no conversations.json in it")
        yield from (archive.read(each) for each in names)


def _refused(path: Path, reason: str) -> UsageProblem:
    return UsageProblem(f"{path} is no export that is known: {reason}", f"it takes {_EXPECTED}")
