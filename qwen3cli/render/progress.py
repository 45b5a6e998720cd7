"""Progress of downloads and checks on standard error: bars on a terminal, one line a file elsewhere."""

from typing import Protocol

from qwen3cli.environment import Environment
from qwen3cli.units import bytes_text


class Bars(Protocol):
    """Where a download reports to. `total_bytes` is the file's; `checking` is the digest, after the last byte."""

    def update(self, path: str, done_bytes: int, total_bytes: int, *, checking: bool) -> None:
        """One file got further. May be called from several threads."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def bars(environment: Environment) -> Bars:
    """The view that suits standard error."""
    return _RichBars(environment) if environment.stderr_is_terminal else _Lines(environment)


class _Lines:
    """Says what is fetched, once; a log needs no more."""

    def __init__(self, environment: Environment) -> None:
        self._err = environment.stderr
        self._told: set[tuple[str, bool]] = set()

    def update(self, path: str, done_bytes: int, total_bytes: int, *, checking: bool) -> None:
        """Tell of the file when it begins, and when its digest is being checked."""
        if (path, checking) in self._told:
            return
        self._told.add((path, checking))
        known = f", {bytes_text(done_bytes)} are here" if done_bytes and not checking else ""
        text = (
            f"checking {path}"
            if checking
            else f"fetching {path} ({bytes_text(total_bytes)}{known})"
        )
        self._err.write(f"{text}\n".encode())
        self._err.flush()

    def close(self) -> None:
        """Nothing is open."""


class _RichBars:
    """A bar for each file: name, share, bytes, rate, time left."""

    def __init__(self, environment: Environment) -> None:
        import io

        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        stream = io.TextIOWrapper(
            environment.stderr, encoding="utf-8", errors="replace", write_through=True
        )
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
        self._tasks: dict[tuple[str, bool], int] = {}
        self._progress.start()

    def update(self, path: str, done_bytes: int, total_bytes: int, *, checking: bool) -> None:
        """Move the file's bar."""
        key = (path, checking)
        if key not in self._tasks:
            name = path.rpartition("/")[2]
            self._tasks[key] = self._progress.add_task(
                f"checking {name}" if checking else name, total=total_bytes, completed=done_bytes
            )
        self._progress.update(self._tasks[key], completed=done_bytes)  # type: ignore[arg-type]  # TaskID is an int

    def close(self) -> None:
        """Stop drawing; the finished bars stay."""
        self._progress.stop()
        self._stream.detach()
