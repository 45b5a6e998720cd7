"""A file in the editor that the user has named, on the terminal that the user sits at."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem


def editor_command(environment: Environment, hint: str) -> list[str]:
    """VISUAL or EDITOR, with its arguments. `hint` says what to do instead, where there is no terminal.

    Raises:
        UsageProblem: there is no terminal to edit on, or the variable makes no sense.
    """
    if not (environment.stdin_is_terminal and environment.stdout_is_terminal):
        raise UsageProblem("an editor needs a terminal", hint)
    for name in ("VISUAL", "EDITOR"):
        value = environment.variables.get(name, "").strip()
        if value and shutil.which(value, path=environment.variables.get("PATH")):
            return [value]  # whatever blanks are in its path
        if value:
            try:
                return shlex.split(value)
            except ValueError:
                raise UsageProblem(f"{name} has a quote that is not closed: {value}") from None
    return ["notepad" if os.name == "nt" else "vi"]


def edit_file(command: list[str], path: Path) -> None:
    """Open a file in the editor, and wait for its end.

    Raises:
        UsageProblem: it cannot be started, or says that it failed.
    """
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise UsageProblem(
            f"cannot start {command[0]}: {reason}", "set EDITOR to your editor"
        ) from None
    if code:
        ended = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
        raise UsageProblem(f"{command[0]} {ended}, so what was written is not taken")
