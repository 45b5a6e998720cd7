"""What Typer refuses, in one line like every other error: where the value came from, what it must be, and the help."""

import re

import typer

from qwen3cli.base.config import FILE_NAME
from qwen3cli.base.errors import UsageProblem

# The words of the library that Typer reads values with, and ours for them.
_PLAINER = (
    (re.compile(r"Input should be a valid number, unable to .*"), "not a number"),
    (re.compile(r"Input should be a valid integer, unable to .*"), "not a whole number"),
    (re.compile(r"Input should be a valid boolean, unable to .*"), "neither yes nor no"),
    (re.compile(r"Input should"), "it must"),
    (re.compile(r"Value error, "), ""),
)


def as_usage(problem: typer.TyperException) -> UsageProblem:
    """The refusal, with the help that lists what there is."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "qwen3"
    message = str(getattr(problem, "format_message", problem.__str__)())
    if isinstance(problem, typer.BadParameter) and problem.message:
        message = f"invalid value for {_origin(problem)}: {problem.message}"
    for theirs, ours in _PLAINER:
        message = theirs.sub(ours, message)
    return UsageProblem(message[:1].lower() + message[1:].rstrip("."), f"{command} --help")


def _origin(problem: typer.BadParameter) -> str:
    """The flag, variable or line of the configuration that gave the value."""
    parameter, context = problem.param, problem.ctx
    if parameter is None or context is None or parameter.name is None:
        return str(problem.param_hint)
    flag = next((each for each in parameter.opts if each.startswith("--")), parameter.opts[0])
    source = context.get_parameter_source(parameter.name)
    name = source.name if source is not None else ""
    if name == "ENVIRONMENT":
        return str(parameter.envvar)
    return f"{flag.removeprefix('--')} in {FILE_NAME}" if name == "DEFAULT_MAP" else flag
