"""The real `qwen3` as a process: what goes in, and the bytes and the code that come out."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# A guard against hanging, far above what anything takes on a busy machine; nothing is judged by it.
LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Result:
    """What a process left behind."""

    stdout: bytes
    stderr: str
    code: int


class Command:
    """Runs `qwen3` in a folder of its own. Standard input is empty unless given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = str(Path(sys.executable).with_name("qwen3"))

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", **variables: str) -> Result:
        """Run to the end."""
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=os.environ | variables,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        return Result(done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode)


def wait_until(true: Callable[[], object]) -> None:
    """Look again and again; a test fails if it never comes true."""
    ends = time.monotonic() + LIMIT_SECONDS
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)
