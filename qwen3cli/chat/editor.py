"""The user's own editor, for a message that is too much for a line."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from qwen3cli.base.errors import UsageProblem


def edit_text(text: str, variables: Mapping[str, str]) -> str | None:
    """The text as the user leaves it. None if nothing is to be done with it: the editor failed, or said so by its code.

    Raises:
        UsageProblem: the editor cannot be started.
    """
    editor = (
        variables.get("VISUAL")
        or variables.get("EDITOR")
        or ("notepad" if os.name == "nt" else "vi")
    )
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "message.md"
        draft.write_text(text, encoding="utf-8", errors="replace")
        try:
            status = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
            edited = draft.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError) as problem:
            raise UsageProblem(
                f"cannot start {editor}: {getattr(problem, 'strerror', None) or problem}",
                "set EDITOR to your editor",
            ) from problem
    return edited.removesuffix("\n") if status == 0 else None
