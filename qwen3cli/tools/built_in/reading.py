"""The tools `read_file`, `list_files` and `search_files`: text files under the roots, in bounded time and size."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

from qwen3cli.base.units import bytes_text
from qwen3cli.tools.built_in.roots import Place, Roots
from qwen3cli.tools.built_in.tool import SERVER, BuiltInTool, CallFailed, parameters
from qwen3cli.tools.tool import CallWatch, ToolDefinition

MOST_FILE_BYTES = 2 * 2**20  # more is no text that a model could read
_MOST_LINES = 400
_MOST_ENTRIES = 500
_MOST_FINDINGS = 100
_MOST_VISITED = 20_000
_MOST_SECONDS = 10.0
_MOST_LINE_CHARACTERS = 300
_BEGINNING_BYTES = 1024  # where a NUL tells that a file is no text

PATH = {"type": "string"}


def reading_tools(roots: Roots) -> list[BuiltInTool]:
    """The three tools for these roots."""
    where = ", ".join(map(str, roots.folders))
    return [
        BuiltInTool(_definition(name, about.format(where=where), schema), _bound(run, roots))
        for name, about, schema, run in (
            ("read_file", "Read a text file in {where}, all of it or from a line on.",
             parameters({"path": PATH, "first_line": {"type": "integer", "minimum": 1}}, "path"), _read_file),
            ("list_files", "List a folder in {where}; pattern such as *.py lists what is below it too.",
             parameters({"path": PATH, "pattern": {"type": "string"}}), _list_files),
            ("search_files", "Find lines that contain a text in the files in {where}; pattern such as *.py.",
             parameters({"text": {"type": "string", "minLength": 1}, "path": PATH, "pattern": {"type": "string"}}, "text"),
             _search_files),
        )
    ]  # fmt: skip


def _definition(name: str, description: str, schema: dict[str, Any]) -> ToolDefinition:
    return ToolDefinition(name, description, schema, SERVER, read_only=True)


def _bound(
    run: Callable[[Roots, Mapping[str, Any], CallWatch], str], roots: Roots
) -> Callable[[Mapping[str, Any], CallWatch], str]:
    return lambda arguments, watch: run(roots, arguments, watch)


def text_of(roots: Roots, place: Place) -> str:
    """A file's text.

    Raises:
        CallFailed: it is no text, too large, or not to be opened.
    """
    with roots.file(place) as file:
        size = os.fstat(file).st_size
        if size > MOST_FILE_BYTES:
            raise CallFailed(
                f"it has {bytes_text(size)}; at most {bytes_text(MOST_FILE_BYTES)} are read"
            )
        with os.fdopen(os.dup(file), "rb") as stream:
            data = stream.read(MOST_FILE_BYTES)
    if b"\0" in data[:_BEGINNING_BYTES]:
        raise CallFailed("it is no text")
    return data.decode("utf-8", "replace")


def _read_file(roots: Roots, arguments: Mapping[str, Any], _watch: CallWatch) -> str:
    lines = text_of(roots, roots.place(arguments["path"])).splitlines(keepends=True)
    first = int(arguments.get("first_line", 1))
    shown = lines[first - 1 : first - 1 + _MOST_LINES]
    if not shown and lines:
        raise CallFailed(f"it has {len(lines):,} lines")
    rest = len(lines) - (first - 1) - len(shown)
    more = f"\n[{rest:,} lines more, from first_line {first + len(shown)} on]" if rest > 0 else ""
    return "".join(shown) + more


def _list_files(roots: Roots, arguments: Mapping[str, Any], watch: CallWatch) -> str:
    place, pattern = roots.place(arguments.get("path", "")), arguments.get("pattern", "")
    found = []
    for path, kind in _walked(roots, place, watch, deep=bool(pattern)):
        if (
            not pattern
            or fnmatchcase(path, pattern)
            or fnmatchcase(path.rpartition("/")[2], pattern)
        ):
            found.append(path + _marks(kind))
        if len(found) > _MOST_ENTRIES:
            return "\n".join([*found[:_MOST_ENTRIES], "[there are more]"])
    return "\n".join(found) or "(nothing)"


def _marks(kind: int) -> str:
    if stat.S_ISDIR(kind):
        return "/"
    return "@" if stat.S_ISLNK(kind) else ""


def _search_files(roots: Roots, arguments: Mapping[str, Any], watch: CallWatch) -> str:
    place, wanted = roots.place(arguments.get("path", "")), arguments["text"].casefold()
    pattern, found = arguments.get("pattern", "*"), []
    for path, kind in _walked(roots, place, watch, deep=True):
        if not stat.S_ISREG(kind) or not fnmatchcase(path.rpartition("/")[2], pattern):
            continue
        try:
            text = text_of(roots, Place(place.root, (*place.parts, *path.split("/"))))
        except CallFailed:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if wanted in line.casefold():
                found.append(f"{path}:{number}: {line.strip()[:_MOST_LINE_CHARACTERS]}")
            if len(found) > _MOST_FINDINGS:
                return "\n".join([*found[:_MOST_FINDINGS], "[there are more]"])
    return "\n".join(found) or "(nothing found)"


def _walked(
    roots: Roots, place: Place, watch: CallWatch, *, deep: bool
) -> Iterator[tuple[str, int]]:
    """What is in a folder, in order: path and kind of each; below it too, if `deep`. No link is followed.

    Raises:
        CallFailed: it is no folder, takes too long, or the call was stopped.
    """
    ends, visited = time.monotonic() + _MOST_SECONDS, 0
    waiting = [""]
    while waiting:
        below = waiting.pop()
        parts = tuple(part for part in below.split("/") if part)
        try:
            entries = _entries(roots, Place(place.root, (*place.parts, *parts)))
        except CallFailed:
            if not below:
                raise
            continue  # gone meanwhile, or not for us
        folders = []
        for name, kind in entries:
            visited += 1
            if watch.should_stop() or visited > _MOST_VISITED or time.monotonic() > ends:
                raise CallFailed("there is too much in it; name a folder or a file below it")
            path = f"{below}{name}"
            yield path, kind
            if deep and stat.S_ISDIR(kind) and not name.startswith("."):
                folders.append(f"{path}/")
        waiting += reversed(folders)


def _entries(roots: Roots, place: Place) -> list[tuple[str, int]]:
    with roots.folder(place) as folder:
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):  # gone meanwhile
                    found.append((entry.name, entry.stat(follow_symlinks=False).st_mode))
        return sorted(found)
