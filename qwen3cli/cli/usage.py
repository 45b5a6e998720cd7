"""What Typer refuses, in one line like every other error: where the value came from, what it must be, and the help."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from qwen3cli.base.config import FILE_NAME
from qwen3cli.base.errors import QwenError, UsageProblem

# The words of the library that Typer reads values with, and ours for them.
_PLAINER = (
    (re.compile(r"Input should be a valid number, unable to .*"), "not a number"),
    (re.compile(r"Input should be a valid integer, unable to .*"), "not a whole number"),
    (re.compile(r"Input should be a valid boolean, unable to .*"), "neither yes nor no"),
    (re.compile(r"Input should"), "it must"),
    (re.compile(r"Value error, "), ""),
)
# What somebody may have meant by a flag, by its name.
_MEANT = {"threads": "-T NAME, if a template was meant; "}


def as_usage(problem: typer.TyperException) -> UsageProblem:
    """The refusal, with the help that lists what there is."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "qwen3"
    message = str(getattr(problem, "format_message", problem.__str__)())
    if isinstance(problem, typer.BadParameter) and problem.message:
        message = f"invalid value for {_origin(problem)}: {problem.message}"
    message = plainer(message)
    hint = _MEANT.get(str(getattr(getattr(problem, "param", None), "name", "")), "")
    return UsageProblem(message[:1].lower() + message[1:].rstrip("."), f"{hint}{command} --help")


def plainer(message: str) -> str:
    """What the library says, in words that do not speak of its own."""
    for theirs, ours in _PLAINER:
        message = theirs.sub(ours, message)
    return message


def _origin(problem: typer.BadParameter) -> str:
    """The flag, variable or line of the configuration that gave the value."""
    parameter, context = problem.param, problem.ctx
    if parameter is None or context is None:
        return str(problem.param_hint)
    return _elsewhere(context, parameter) or _long_flag(parameter)


@contextmanager
def origins_named(context: Any) -> Iterator[None]:
    """Let an error say which variables, or lines of the configuration, what it speaks of came from: nobody typed it."""
    try:
        yield
    except QwenError as error:
        elsewhere = [
            origin
            for each in context.command.params
            if (origin := _elsewhere(context, each)) and _is_told(error, context, each)
        ]
        if elsewhere:
            error.message += f" ({', '.join(elsewhere)})"
        raise


def _elsewhere(context: Any, parameter: Any) -> str:
    """Where the value of a flag came from, if not from the command line and not from itself."""
    source = context.get_parameter_source(parameter.name)
    name = source.name if source is not None else ""
    if name == "ENVIRONMENT":
        return str(parameter.envvar)
    line = f"{_long_flag(parameter).removeprefix('--')} in {FILE_NAME}"
    return line if name == "DEFAULT_MAP" else ""


def _is_told(error: QwenError, context: Any, parameter: Any) -> bool:
    """Whether an error names a flag, or the text it has for a value."""
    value = context.params.get(parameter.name)
    words = [*parameter.opts, *parameter.secondary_opts]
    words += [str(value)] if isinstance(value, str | Path) else []
    return any(
        re.search(rf"(?<![\w.-]){re.escape(each)}(?![\w.-])", error.message) for each in words
    )


def _long_flag(parameter: Any) -> str:
    return str(next((each for each in parameter.opts if each.startswith("--")), parameter.opts[0]))
