"""What was typed in earlier chats, in a file for this user's eyes only, in the line editor's own format.

A history that cannot be read or written, in whatever way, costs nothing but the history. Of a large one the end is read.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from prompt_toolkit.history import History

from qwen3cli.chat.folds import Folds

# Some thousand messages; more would take a moment to read.
_MOST_BYTES = 1024 * 1024
_LONGEST_MESSAGE_BYTES = _MOST_BYTES // 16
_ENTRY = b"\n# "  # and the time; each line of the message follows behind a plus


class HistoryFile(History):
    """The messages of a file, and the place for new ones."""

    def __init__(self, path: Path, folds: Folds) -> None:
        super().__init__()
        self._path = path
        self._folds = folds

    def load_history_strings(self) -> Iterable[str]:
        """The lines, newest first; what is long, folded."""
        with suppress(OSError), _opened(self._path, os.O_RDONLY) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _MOST_BYTES))
            found = list(_messages(file.read(_MOST_BYTES)))
            return [self._folds.fold(text, "") for text in reversed(found)]
        return []

    def store_string(self, string: str) -> None:
        """Keep a line, whole."""
        lines = self._folds.unfold(string).split("\n")
        entry = f"\n# {datetime.now()}\n" + "".join(f"+{line}\n" for line in lines)
        raw = entry.encode("utf-8", "replace")
        if len(raw) <= _LONGEST_MESSAGE_BYTES:
            with suppress(OSError):
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with _opened(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT) as file:
                    file.write(raw)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[IO[bytes]]:
    """The file, and nothing else: a pipe in its place is not waited for."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    with os.fdopen(descriptor, "ab" if flags & os.O_APPEND else "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no file")
        yield file


def _messages(raw: bytes) -> Iterable[str]:
    """The messages of the file's end, oldest first. What is no entry is passed over."""
    for entry in raw.split(_ENTRY)[1:]:
        lines = entry.decode("utf-8", "replace").split("\n")[1:]
        text = "\n".join(line[1:] for line in lines if line.startswith("+"))
        if text:
            yield text
