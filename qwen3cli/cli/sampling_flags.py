"""How tokens are chosen: the flags, read from the records of `dialogue/sampling.py`."""

import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Self

import typer

from qwen3cli.cli.help import SAMPLING
from qwen3cli.cli.options import Flags, flag_parameter, option, within
from qwen3cli.dialogue.sampling import ALL_SETTINGS, Setting


@dataclass(frozen=True)
class SamplingFlags(Flags):
    """The settings that were given, by name. What is not given has its recommended value for the model and the mode."""

    values: dict[str, float]

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """One flag for each record."""
        return [flag_parameter(each.name, _annotation(each), None) for each in ALL_SETTINGS]

    @classmethod
    def collected(cls, context: typer.Context, given: dict[str, Any]) -> Self:
        """Those that were given."""
        values = {each.name: given.pop(each.name) for each in ALL_SETTINGS}
        return cls({name: value for name, value in values.items() if value is not None})


def _annotation(setting: Setting) -> Any:
    number = int if setting.range.whole else float
    flag = option(
        *setting.flags,
        metavar=setting.metavar,
        help=setting.help,
        panel=SAMPLING,
        callback=within(setting.range),
    )
    return Annotated[number | None, flag]
