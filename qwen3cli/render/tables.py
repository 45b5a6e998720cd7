"""Tables for people, on standard output: as wide as the terminal, plain text elsewhere."""

from collections.abc import Sequence

from rich import box
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.render.painter import Painter

_PIPE_COLUMNS = 200  # off a terminal nothing should wrap
_TWO_SPACES_WITH_THE_LINE = (0, 0, 0, 1)  # top, right, bottom, left of every cell


def put_table(
    environment: Environment,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
) -> None:
    """Print a table. `right` are the columns that hold numbers; the first one, of names, is never broken."""
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
        padding=_TWO_SPACES_WITH_THE_LINE,
    )
    for index, heading in enumerate(headings):
        justify: JustifyMethod = "right" if index in right else "left"
        table.add_column(heading, justify=justify, no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    width = environment.terminal_columns() if environment.stdout_is_terminal else _PIPE_COLUMNS
    painted = Painter(color=environment.stdout_has_color()).rows(table, width)
    environment.stdout.draw("".join(row.ansi.rstrip() + "\n" for row in painted))
