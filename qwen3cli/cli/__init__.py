"""The command line: one module per command, one `main`. Flags in, exit code out; knows nothing of what a command does.

`main` is what the installed script calls. Command modules import at their top only what `--help` needs; the rooms
below are imported when a command runs. `--version` alone is answered before even Typer is imported, which takes longer
than all else: scripts and prompts ask for it often. Nothing is imported here that the interpreter has not loaded
already: until `main` runs, Ctrl-C shows a traceback that nobody of ours can catch.
"""

import errno
import os
import sys

from qwen3cli import __version__
from qwen3cli.cli.huge_pages import use_huge_pages

_FAILED, _NO_MEMORY, _INTERRUPTED = 1, 4, 130  # of `ExitCode`, before there is one
_NO_MAP = "failed to map segment"  # the dynamic loader's words for want of memory


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        if sys.argv[1:] in (["--version"], ["-V"], ["version"]) and _show_version():
            return
        use_huge_pages()
        from qwen3cli.cli.entrypoint import run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except (ImportError, MemoryError, OSError) as problem:
        sys.exit(_cannot_start(problem))


def _cannot_start(problem: Exception) -> int:
    """Say in plain bytes why there is no edge yet to say it. Returns the exit code."""
    if os.environ.get("QWEN3_DEBUG"):
        raise problem
    number = getattr(problem, "errno", None)
    short = isinstance(problem, MemoryError) or number == errno.ENOMEM or _NO_MAP in str(problem)
    reason = "there is not enough memory to start" if short else f"cannot start: {problem}"
    from contextlib import suppress

    with suppress(OSError):
        os.write(2, f"qwen3: {reason}\n".encode())
    return _NO_MEMORY if short else _FAILED


def _show_version() -> bool:
    """Whether standard output took it whole; if not, the long way will say what is wrong."""
    line = f"qwen3 {__version__}\n".encode()
    try:
        return os.write(1, line) == len(line)
    except OSError:
        return False
