"""The tool `write_file`: a whole text file under the roots, after the user has seen what changes."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from difflib import unified_diff
from typing import Any

from qwen3cli.base.units import bytes_text
from qwen3cli.tools.built_in.reading import MOST_FILE_BYTES, PATH, text_of
from qwen3cli.tools.built_in.roots import Place, Roots
from qwen3cli.tools.built_in.tool import SERVER, BuiltInTool, CallFailed, parameters
from qwen3cli.tools.tool import CallWatch, ToolDefinition

WRITE_FILE = "write_file"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_NEW_MODE = 0o666  # less what the user's own mask takes


def writing_tool(roots: Roots) -> BuiltInTool:
    """The tool for these roots."""

    def run(arguments: Mapping[str, Any], _watch: CallWatch) -> str:
        return _write(roots, arguments["path"], arguments["text"])

    return BuiltInTool(
        ToolDefinition(
            WRITE_FILE,
            f"Write a text file in {', '.join(map(str, roots.folders))}, in place of what is there.",
            parameters({"path": PATH, "text": {"type": "string"}}, "path", "text"),
            SERVER,
        ),
        run,
    )


def change(roots: Roots, arguments: Mapping[str, Any]) -> str:
    """What a call would change, as a diff; why it would fail, if it would."""
    try:
        place = roots.place(arguments["path"])
        old = _present(roots, place)
    except CallFailed as problem:
        return str(problem)
    lines = (old or "").splitlines(), arguments["text"].splitlines()
    before = str(place) if old is not None else "/dev/null"
    return "\n".join(unified_diff(*lines, before, str(place), lineterm="")) or "(no change)"


def _present(roots: Roots, place: Place) -> str | None:
    """The text that would be replaced; None where there is no file yet."""
    if not place.parts:
        raise CallFailed(f"{place} is a folder")
    with roots.folder(Place(place.root, place.parts[:-1])) as folder:
        try:
            os.stat(place.parts[-1], dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
    return text_of(roots, place)


def _write(roots: Roots, path: str, text: str) -> str:
    """Beside, and then in its place: the file is the old one or the new one, and a link is replaced and not followed."""
    data = text.encode("utf-8", "replace")
    if len(data) > MOST_FILE_BYTES:
        raise CallFailed(f"at most {bytes_text(MOST_FILE_BYTES)} are written")
    place = roots.place(path)
    old = _present(roots, place)
    name = place.parts[-1]
    with roots.folder(Place(place.root, place.parts[:-1])) as folder:
        beside = f".{secrets.token_hex(8)}.qwen3-partial"
        try:
            file = os.open(beside, _NEW, _mode(name, folder), dir_fd=folder)
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
            os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as problem:
            with suppress(OSError):
                os.unlink(beside, dir_fd=folder)
            raise CallFailed(f"{path}: {problem.strerror}") from None
    return f"{'replaced' if old is not None else 'written'}: {bytes_text(len(data))} in {place}"


def _mode(name: str, folder: int) -> int:
    """The permissions of the file that is replaced."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode & 0o777
    except OSError:
        return _NEW_MODE
