"""What the configuration file may say, the flags of the groups by name; and the variables that are read."""

from collections.abc import Iterator
from typing import Any, get_args

import typer

from qwen3cli.base.config import unknown_setting
from qwen3cli.base.errors import UsageProblem
from qwen3cli.cli.line_flags import LineFlags
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.session_flags import LogFlags
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.cli.usage import as_usage, plainer

# Read where there is no flag.
_WITHOUT_FLAG = ("QWEN3_DEBUG", "QWEN3_PLAIN")


def flag_names() -> dict[str, str]:
    """Every long flag of the groups, without its dashes, and the parameter it sets."""
    names = {}
    for group in (ModelFlags, ThinkingFlags, SamplingFlags, LineFlags, LogFlags):
        for parameter in group.parameters():
            info = get_args(parameter.annotation)[1]
            # Typer takes the first flag inside `Annotated` for a default at first
            for flag in (info.default, *info.param_decls):
                if isinstance(flag, str) and flag.startswith("--"):
                    names[flag.partition("/")[0].removeprefix("--")] = parameter.name
    return names


def variable_names(command: Any) -> frozenset[str]:
    """Every variable of ours that a command of Typer's, or one below it, reads."""
    return frozenset(_WITHOUT_FLAG).union(
        *(
            [each.envvar for each in below.params if isinstance(each.envvar, str)]
            for below in _commands(command)
        )
    )


def refused_variables(command: Any) -> Iterator[UsageProblem]:
    """What a command of Typer's, or one below it, would refuse of the variables that are set."""
    told = set()
    for below in _commands(command):
        context = typer.Context(below, info_name=f"qwen3 {below.name}")
        for parameter in below.params:
            if parameter.envvar is None or parameter.envvar in told:
                continue
            try:
                parameter.handle_parse_result(context, {}, [])
            except typer.BadParameter as problem:
                told.add(parameter.envvar)
                yield as_usage(problem)


def check_setting(command: Any, known: dict[str, str], name: str, value: str) -> Any:
    """A setting's value as the flag of that name takes it, from a command of Typer's or one below it.

    Raises:
        UsageProblem: there is no such setting, or the flag would refuse the value.
    """
    if name not in known:
        raise unknown_setting(name, known)
    for below in _commands(command):
        for parameter in below.params:
            if parameter.name == known[name] and f"--{name}" in parameter.opts:
                context = typer.Context(below, info_name="qwen3 config set")
                try:
                    return parameter.process_value(context, value)
                except typer.BadParameter as problem:
                    raise UsageProblem(
                        f"{name}: {plainer(problem.message)}", f"qwen3 config set {name} VALUE"
                    ) from None
    raise unknown_setting(name, known)


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)
