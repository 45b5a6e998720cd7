"""The world the process was started in: its streams, its variables, its terminal.

Built once in `main` and passed down. Nobody else asks whether something is a terminal or reads a variable, so a test
replaces the whole world by constructing another `Environment`.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from qwen3cli.base.errors import QwenError
from qwen3cli.base.streams import Output, error_output_of, input_of, output_of


@dataclass(frozen=True, slots=True)
class Environment:
    """Streams are bytes: the answer is UTF-8 whatever the code page of the terminal says. `on_failure` are those who are
    told what ended the command, beside the line on standard error."""

    stdin: BinaryIO
    stdout: Output
    stderr: Output
    variables: Mapping[str, str] = field(default_factory=dict)
    on_failure: list[Callable[[QwenError], None]] = field(default_factory=list)

    @classmethod
    def current(cls) -> Self:
        """The real one. Streams that were closed before the start read as empty and fail to be written."""
        return cls(
            stdin=input_of(sys.stdin),
            stdout=output_of(sys.stdout),
            stderr=error_output_of(sys.stderr),
            variables=os.environ,
        )

    @property
    def stdin_is_terminal(self) -> bool:
        """Whether a person types what is read."""
        return self.stdin.isatty()

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether a person sees the answer."""
        return self.stdout.is_terminal

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether a person sees the notices."""
        return self.stderr.is_terminal

    @property
    def debug(self) -> bool:
        """Whether errors come with their traceback."""
        return self.flag("QWEN3_DEBUG")

    @property
    def offline(self) -> bool:
        """Whether the variables forbid the network."""
        return self.flag("HF_HUB_OFFLINE") or self.flag("QWEN3_OFFLINE")

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
        """Colour on standard output: a terminal that draws, unless NO_COLOR; or FORCE_COLOR."""
        return self._color(self.stdout_is_terminal)

    def stderr_has_color(self) -> bool:
        """Colour on standard error, by the same rule."""
        return self._color(self.stderr_is_terminal)

    def _color(self, is_terminal: bool) -> bool:
        if self.variables.get("NO_COLOR"):
            return False
        if self.variables.get("FORCE_COLOR"):
            return True
        return is_terminal and self.terminal_draws

    @property
    def terminal_draws(self) -> bool:
        """Whether the terminal moves its cursor where it is told to; one that does not gets text and nothing else."""
        return moves_cursor(self.variables.get("TERM", ""))


def moves_cursor(terminal: str) -> bool:
    """What the system knows of this kind of terminal; one that it does not know is taken for an ordinary one."""
    if os.name == "nt":
        return True
    if terminal in ("", "dumb", "unknown"):
        return False
    try:
        import curses  # noqa: PLC0415 - not every system has it
    except ImportError:
        return True
    try:
        curses.setupterm(terminal, 2)
        return all(curses.tigetstr(name) for name in ("cuu1", "cr", "el"))
    except (curses.error, ValueError):  # the name may be no text
        return True
