"""The command line: one module per command, one `main`. Flags in, exit code out; knows nothing of what a command does.

`main` is what the installed script calls. Command modules import at their top only what `--help` needs; the rooms
below are imported when a command runs. `--version` alone is answered before even Typer is imported, which takes longer
than all else: scripts and prompts ask for it often.
"""

import os
import sys

from qwen3cli import __version__

_INTERRUPTED = 130  # `ExitCode.INTERRUPTED`, before there is one


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"], ["version"]) and _show_version():
        return
    try:
        from qwen3cli.cli.edge import run
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()


def _show_version() -> bool:
    """Whether standard output took it whole; if not, the long way will say what is wrong."""
    line = f"qwen3 {__version__}\n".encode()
    try:
        return os.write(1, line) == len(line)
    except OSError:
        return False
