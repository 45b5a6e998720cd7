"""How `/help` lays the commands out: in two columns, so that a screen of 80 columns and 24 rows has room for 38.

Knows names and lines of help, and not what they do.
"""

from collections.abc import Sequence
from itertools import zip_longest

COLUMNS = 39  # of one command: half a screen of 80, with a blank before the next one
NAME_COLUMNS = 12
HELP_COLUMNS = COLUMNS - NAME_COLUMNS - 1  # what a command's line of help may take

# With the commands, the line that asked and the next prompt they are one screen.
KEYS = """\
Alt-Enter: new line. Ctrl-X Ctrl-E: editor. Ctrl-R: search. Alt-Up: think more.
While it thinks, any key asks for the answer. Ctrl-C stops it, or the answer.
/help COMMAND says more. Ctrl-D leaves, as Ctrl-C twice on an empty line does."""


def overview(commands: Sequence[tuple[str, str]], columns: int) -> str:
    """Names with their lines of help, read downwards; in one column where two are too wide."""
    cells = [f"{name:{NAME_COLUMNS}}{help_text}" for name, help_text in commands]
    if columns < 2 * COLUMNS:
        return "\n".join(cells)
    half = -(-len(cells) // 2)
    pairs = zip_longest(cells[:half], cells[half:], fillvalue="")
    return "\n".join(f"{left:{COLUMNS}}{right}".rstrip() for left, right in pairs)
