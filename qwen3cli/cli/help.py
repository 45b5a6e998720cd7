"""How `--help` is laid out: plain text, the flags in sections, those first that are wanted most.

Typer would draw boxes around the sections, or leave them out; the rest of the layout is its own.
"""

from collections.abc import Iterable
from typing import Any

import typer.core

from qwen3cli.cli.usage import origins_named

PROMPT, MODEL, THINKING, OUTPUT = "Prompt", "Model", "Thinking", "Output"
SESSION, SAMPLING, MACHINE, TOOLS = "Conversation", "Sampling", "Machine", "Tools"
_ORDER = (
    "Arguments", PROMPT, MODEL, THINKING, TOOLS, OUTPUT, SESSION, SAMPLING, MACHINE, "Options",
)  # fmt: skip


class Command(typer.core.TyperCommand):
    """A command whose flags are shown in sections, and whose errors name the variables they speak of."""

    def invoke(self, ctx: Any) -> Any:
        """Run it; called by Typer."""
        with origins_named(ctx):
            return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments and flags; called by Typer."""
        _write_sections(self.get_params(ctx), ctx, formatter)


class Group(typer.core.TyperGroup):
    """Commands, with their own flags behind them."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands and flags; called by Typer."""
        self.format_commands(ctx, formatter)
        _write_sections(self.get_params(ctx), ctx, formatter)


def _write_sections(parameters: Iterable[Any], ctx: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {each: [] for each in _ORDER}
    for each in parameters:
        if record := each.get_help_record(ctx):
            is_argument = each.param_type_name == "argument"
            title = "Arguments" if is_argument else each.rich_help_panel or "Options"
            sections[title].append((each.metavar, each.help) if is_argument else record)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)
