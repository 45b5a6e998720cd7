"""The command line: one module per command, one `main`. Flags in, exit code out; knows nothing of what a command does.

`main` is what the installed script calls. Command modules import at their top only what `--help` needs; the rooms
below are imported when a command runs. `--version` alone is answered before even Typer is imported, which takes longer
than all else: scripts and prompts ask for it often.
"""

import sys

from qwen3cli import __version__

_INTERRUPTED = 130  # `ExitCode.INTERRUPTED`, before there is one


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"qwen3 {__version__}\n")
        return
    try:
        from qwen3cli.cli.app import run
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()
