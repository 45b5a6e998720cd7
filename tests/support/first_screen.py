"""Take the picture that the README shows: the first commands of a new user, in a real terminal.

PYTHONPATH=tests python tests/support/first_screen.py tests/support/first-screen.svg
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text
from support.terminal import Terminal

COMMANDS = {  # by what they answer
    "3": 'qwen3 ask --size demo --think "How many r\'s are in strawberry?"',
    "478 + 856 = 1334": 'echo "What is 478 + 856?" | qwen3 ask --size demo',
}
ROWS, COLUMNS = 36, 80


def captured() -> Text:
    """What is on the screen when all commands have ended."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder), COLUMNS, ROWS)
        for answer, command in COMMANDS.items():
            terminal.type(command)
            terminal.wait_for(f"\n{answer}\n$")
        screen = terminal.screen(colors=True)
        terminal.close()
    return Text.from_ansi(screen.rstrip())


def drawn(screen: Text) -> str:
    """The screen as SVG. A picture in a README should not make anybody fetch fonts, so it names none of the web."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(screen, soft_wrap=True)
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(
        title="qwen3", theme=DIMMED_MONOKAI, code_format=form, unique_id="qwen3"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawn(captured()), encoding="utf-8")
