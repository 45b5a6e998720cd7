"""What the configuration file may say: the flags of the groups, by name."""

from typing import get_args

from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.thinking_flags import ThinkingFlags


def flag_names() -> dict[str, str]:
    """Every long flag of the groups, without its dashes, and the parameter it sets."""
    names = {}
    for group in (ModelFlags, ThinkingFlags, SamplingFlags):
        for parameter in group.parameters():
            info = get_args(parameter.annotation)[1]
            # Typer takes the first flag inside `Annotated` for a default at first
            for flag in (info.default, *info.param_decls):
                if isinstance(flag, str) and flag.startswith("--"):
                    names[flag.partition("/")[0].removeprefix("--")] = parameter.name
    return names
