"""Whether and how long to think, and who sees it: the flags."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import THINKING
from qwen3cli.cli.options import Flags, option, switch, within
from qwen3cli.turn.thinking import BUDGET_RANGE

# These bound one thing, the thoughts; and where a value may come from, strongest first.
_ABOUT_THINKING = ("think", "budget", "effort", "think_time")
_ORIGINS = ("COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP")


class Effort(StrEnum):
    """Words for thinking budgets."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class ThinkingFlags(Flags):
    """Whether and how long to think, and who sees it."""

    think: Annotated[
        bool | None,
        switch(
            "--think/--no-think",
            help="Think first, or answer at once.",
            panel=THINKING,
            show_default=False,
        ),
    ] = None
    budget: Annotated[
        int | None,
        option(
            "--budget",
            callback=within(BUDGET_RANGE),
            metavar="TOKENS",
            help="Most thinking tokens; 0 is --no-think, -1 no limit.",
            panel=THINKING,
        ),
    ] = None
    effort: Annotated[
        Effort | None,
        option(
            "--effort", help="A budget in a word: 1,024, 4,096 or 16,384 tokens.", panel=THINKING
        ),
    ] = None
    think_time: Annotated[
        float | None,
        option(
            "--think-time",
            callback=within(Range(0, whole=False)),
            metavar="SECONDS",
            help="Longest time to think.",
            panel=THINKING,
        ),
    ] = None
    hide_thoughts: Annotated[
        bool, switch("-R", "--hide-thoughts", help="Do not show the thoughts.", panel=THINKING)
    ] = False
    thoughts: Annotated[
        Path | None,
        option(
            "--thoughts",
            metavar="FILE",
            help="Write the thoughts to a file; - is standard error.",
            panel=THINKING,
        ),
    ] = None

    @classmethod
    def collected(cls, context: typer.Context, given: dict[str, Any]) -> Self:
        """A flag wins over all variables about the same thing, and these over the file: `--no-think` over QWEN3_BUDGET."""
        sources = {name: context.get_parameter_source(name) for name in _ABOUT_THINKING}
        origins = {name: source.name for name, source in sources.items() if source is not None}
        strongest = next((each for each in _ORIGINS if each in origins.values()), None)
        for name in _ABOUT_THINKING:
            if strongest is not None and origins.get(name) != strongest:
                given[name] = None
        return super().collected(context, given)
