"""The real `qwen3` as a process: what goes in, and the bytes and the code that come out."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 60


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
