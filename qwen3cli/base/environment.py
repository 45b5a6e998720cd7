"""The world the process was started in: its streams, its variables, its terminal.

Built once in `main` and passed down. Nobody else asks whether something is a terminal or reads a variable, so a test
replaces the whole world by constructing another `Environment`.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self, TextIO, cast

from qwen3cli.base.errors import OutputClosed, OutputFailed


@dataclass(frozen=True, slots=True)
class Environment:
    """Streams are bytes: the answer is UTF-8 whatever the code page of the terminal says."""

    stdin: BinaryIO
    stdout: BinaryIO
    stderr: BinaryIO
    stdin_is_terminal: bool
    stdout_is_terminal: bool
    stderr_is_terminal: bool
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def current(cls) -> Self:
        """The real one. Streams that were closed before the start are empty."""
        stdin, stdout = _bytes_of(sys.stdin, "rb"), _bytes_of(sys.stdout, "wb")
        stderr = _bytes_of(sys.stderr, "wb")
        return cls(
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            stdin_is_terminal=stdin.isatty(),
            stdout_is_terminal=stdout.isatty(),
            stderr_is_terminal=stderr.isatty(),
            variables=os.environ,
        )

    @property
    def debug(self) -> bool:
        """Whether errors come with their traceback."""
        return self.flag("QWEN3_DEBUG")

    @property
    def offline(self) -> bool:
        """Whether the variables forbid the network."""
        return self.flag("HF_HUB_OFFLINE") or self.flag("QWEN3_OFFLINE")

    def put(self, data: bytes) -> None:
        """Write to standard output, at once.

        Raises:
            OutputClosed: nobody reads it any more.
            OutputFailed: it cannot be written.
        """
        try:
            self.stdout.write(data)
            self.stdout.flush()
        except BrokenPipeError:
            raise OutputClosed("standard output is closed") from None
        except OSError as problem:
            raise OutputFailed(f"cannot write the answer: {problem.strerror}") from None

    def flag(self, name: str) -> bool:
        """A variable read as yes or no: unset, empty, `0`, `no`, `off` and `false` are no."""
        return self.variables.get(name, "").strip().lower() not in ("", "0", "no", "off", "false")

    def terminal_columns(self) -> int:
        """How wide the terminal is at this moment; `COLUMNS` can only make it narrower."""
        columns = self._terminal_size().columns or 80
        told = self.variables.get("COLUMNS", "")
        return min(columns, int(told)) if told.isdigit() and int(told) > 0 else columns

    def _terminal_size(self) -> os.terminal_size:
        for stream in (self.stdout, self.stderr):
            try:
                return os.get_terminal_size(stream.fileno())
            except (OSError, ValueError):
                continue
        return os.terminal_size((80, 24))

    def stdout_has_color(self) -> bool:
        """Colour on standard output: a terminal, unless NO_COLOR, TERM=dumb; or FORCE_COLOR."""
        return self._color(self.stdout_is_terminal)

    def stderr_has_color(self) -> bool:
        """Colour on standard error, by the same rule."""
        return self._color(self.stderr_is_terminal)

    def _color(self, is_terminal: bool) -> bool:
        if self.variables.get("NO_COLOR"):
            return False
        if self.variables.get("FORCE_COLOR"):
            return True
        return is_terminal and self.variables.get("TERM") != "dumb"


def _bytes_of(stream: TextIO | None, mode: str) -> BinaryIO:
    return cast(BinaryIO, Path(os.devnull).open(mode)) if stream is None else stream.buffer
