"""A file in the editor that the user has named."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from qwen3cli.base.errors import UsageProblem


def open_in_editor(variables: Mapping[str, str], path: Path) -> None:
    """Open a file in VISUAL or EDITOR, and wait for its end.

    Raises:
        UsageProblem: it cannot be started.
    """
    editor = variables.get("VISUAL") or variables.get("EDITOR")
    command = shlex.split(editor) if editor else ["notepad" if os.name == "nt" else "vi"]
    try:
        subprocess.run([*command, str(path)], check=False)
    except OSError as problem:
        raise UsageProblem(
            f"cannot start {command[0]}: {problem.strerror}", f"set EDITOR, or edit {path}"
        ) from None
