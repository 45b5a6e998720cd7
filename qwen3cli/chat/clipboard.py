"""The clipboard: the desktop's, by the program it has for that, and the terminal's own, by OSC 52, which reaches the user's
machine through a connection too.

Whether the terminal allows it cannot be asked. Knows no chat.
"""

import base64
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem

_SECONDS = 5.0
# What terminals take is between 75,000 bytes of base64 (the smallest known limit, of hterm) and no limit at all.
_MOST_TERMINAL_BYTES = 74_994
# (the variable of a desktop that has it, the program)
_PROGRAMS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("WSL_DISTRO_NAME", ("clip.exe",)),
)


def copied_by(text: str, environment: Environment) -> str:
    """Copy the text every way there is. Returns the ways in words.

    Raises:
        UsageProblem: there is none.
    """
    ways = []
    program = _program(environment.variables)
    if program is not None and _taken(program, text):
        ways.append(f"by {program[0]}")
    encoded = base64.b64encode(text.encode("utf-8", "replace"))
    if environment.terminal_draws and len(encoded) <= _MOST_TERMINAL_BYTES:
        environment.stdout.draw(f"\x1b]52;c;{encoded.decode()}\x07")
        ways.append("by the terminal, if it allows that")
    if not ways:
        raise UsageProblem(
            f"{len(text):,} characters cannot be copied: no program for it, and too long for a terminal"
            if environment.terminal_draws
            else "this terminal cannot copy, and there is no program for it",
            "/save FILE",
        )
    return " and ".join(ways)


def _program(variables: Mapping[str, str]) -> Sequence[str] | None:
    if sys.platform in ("darwin", "win32"):
        return ("pbcopy",) if sys.platform == "darwin" else ("clip",)
    found = (program for name, program in _PROGRAMS if variables.get(name))
    return next((each for each in found if shutil.which(each[0], path=variables.get("PATH"))), None)


def _taken(program: Sequence[str], text: str) -> bool:
    """Some of these stay to hand the text out, so nothing of ours may be left open in them."""
    try:
        done = subprocess.run(
            program,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
