"""The processes of servers, and that none of them is left behind.

A server runs in a process group of its own, and everything in it carries a mark in its environment. It is written down while
it runs: if we are killed outright, a server notices that its standard input is closed; one that does not is found by
its mark at the next start, and ended then.
"""

import contextlib
import json
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from qwen3cli.base.paths import state_folder
from qwen3cli.base.shapes import OTHER_FORM

MARK = "_QWEN3_TOOL_SERVER"


@dataclass(frozen=True, slots=True)
class Running:
    """What is written down of a server that runs, and of the process it runs for."""

    mark: str
    owner: int
    owner_started: float


class RunningFile:
    """The note of one server. `mark` goes into its environment."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        import psutil

        self.mark = secrets.token_hex(8)
        self._path = _folder(variables) / f"{self.mark}.json"
        started = psutil.Process().create_time()
        self._running = Running(self.mark, os.getpid(), started)

    def write(self) -> None:
        """It is about to run. Without a place to write, it runs all the same."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps(asdict(self._running)), encoding="utf-8")

    def remove(self) -> None:
        """It has ended."""
        self._path.unlink(missing_ok=True)


def end_leftovers(variables: Mapping[str, str]) -> None:
    """End the servers of processes that were killed."""
    for path in _folder(variables).glob("*.json"):
        try:
            running = Running(**json.loads(path.read_bytes()))
        except (OSError, *OTHER_FORM):
            path.unlink(missing_ok=True)
            continue
        if not _lives(running.owner, running.owner_started):
            _end_marked(running.mark)
            path.unlink(missing_ok=True)


def end_group(group: int, force: bool) -> bool:
    """Ask a process group to end, or end it. Whether there still was one."""
    number = signal.SIGKILL if force else signal.SIGTERM
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # what is left of it is not ours to end, or ends just now
        return True
    return True


def group_lives(group: int) -> bool:
    """Whether any process of the group is still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _folder(variables: Mapping[str, str]) -> Path:
    return state_folder(variables) / "mcp" / "running"


def _lives(number: int, started: float) -> bool:
    import psutil

    with contextlib.suppress(psutil.Error):
        return psutil.Process(number).create_time() == started
    return False


def _end_marked(mark: str) -> None:
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark:
                process.kill()
