"""Progress of downloads and checks on standard error: bars on a terminal, one line a file elsewhere."""

from math import ceil
from typing import TYPE_CHECKING, Protocol

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import bytes_text
from qwen3cli.models.sources import FileProgress, Stage

if TYPE_CHECKING:
    from rich.progress import TaskID

# What the figures and a short bar take of a line; a long name gives way to them.
_FIGURES_COLUMNS, _SHORTEST_BAR_COLUMNS = 34, 10


class ProgressView(Protocol):
    """Where a download reports to."""

    def update(self, at: FileProgress) -> None:
        """One file got further. May be called from several threads."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def progress_bars(environment: Environment) -> ProgressView:
    """The view that suits standard error."""
    draws = environment.stderr_is_terminal and environment.terminal_draws
    return _RichBars(environment) if draws else ProgressLines(environment)


class ProgressLines:
    """Says what is fetched, and each thing that is waited for, once; a log needs no more."""

    def __init__(self, environment: Environment) -> None:
        self._err = environment.stderr
        self._said: set[str] = set()

    def update(self, at: FileProgress) -> None:
        """Tell of each stage of the file once."""
        key = f"{at.path} {at.stage} {at.reason}"
        if key not in self._said:
            self._said.add(key)
            self._err.put(f"{_line(at)}\n")

    def close(self) -> None:
        """Nothing is open."""


def _line(at: FileProgress) -> str:
    match at.stage:
        case Stage.CHECKING | Stage.COPYING:
            return f"{at.stage} {at.path}"
        case Stage.WAITING:
            return f"{at.path}: {at.reason}; trying again"
        case Stage.ELSEWHERE:
            return f"another process is fetching {at.path}; waiting for it"
        case Stage.FETCHING:
            known = f", {bytes_text(at.done_bytes)} are here" if at.done_bytes else ""
            return f"fetching {at.path} ({bytes_text(at.total_bytes)}{known})"


class _RichBars:
    """A bar for each file: name, share, bytes, rate, time left. What is waited for stands above them, once."""

    def __init__(self, environment: Environment) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        stream = environment.stderr.as_text()
        self._stream = stream
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(
                file=stream, force_terminal=True, no_color=not environment.stderr_has_color()
            ),
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()
        self._progress.start()

    def update(self, at: FileProgress) -> None:
        """Move the file's bar; its digest has one of its own."""
        name = visible(at.path.rpartition("/")[2])
        match at.stage:
            case Stage.FETCHING | Stage.ELSEWHERE:
                state, key = "", name
            case Stage.WAITING:
                state, key = f", waiting {ceil(at.wait_seconds)} s", name
            case Stage.CHECKING | Stage.COPYING:
                state, key = f", {at.stage}", f"{name}, {at.stage}"
        shown = self._shortened(name, len(state)) + state
        if at.stage in (Stage.WAITING, Stage.ELSEWHERE):
            self._say_once(_line(at))
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(shown, total=None)
        self._progress.update(
            self._tasks[key],
            description=shown,
            total=at.total_bytes or None,
            completed=at.done_bytes,
        )

    def _shortened(self, name: str, other_columns: int) -> str:
        """A name without its middle, if it is too long: the beginning says which model, the end which part."""
        most = self._progress.console.width - _FIGURES_COLUMNS - _SHORTEST_BAR_COLUMNS
        half = max(2, (most - other_columns - 1) // 2)
        return name if len(name) <= 2 * half + 1 else f"{name[:half]}…{name[-half:]}"

    def _say_once(self, line: str) -> None:
        """A line above the bars."""
        if line not in self._said:
            self._said.add(line)
            self._progress.console.print(visible(line), markup=False, highlight=False)

    def close(self) -> None:
        """Stop drawing; the finished bars stay."""
        self._progress.stop()
        self._stream.detach()
