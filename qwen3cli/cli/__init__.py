"""The command line: one module per noun, one `main` with the only `try`.

`main` is what the installed script calls. Command modules import at their top only what `--help` needs; the floors
below are imported when a command runs.
"""

from qwen3cli.cli.app import main

__all__ = ["main"]
