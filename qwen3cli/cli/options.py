"""What the commands' flags are made of, and the flags that stand alone.

Flags that belong together are a group: a class of `model_flags`, `thinking_flags` or `sampling_flags`. `grouped` lets
a command take a group as one parameter while Typer still sees single flags. Most flags of a group can also be set by their
variable, `QWEN3_` and the name, and in the configuration file; the flag wins over the variable, the variable over the file.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, get_args

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import MODEL, OUTPUT, PROMPT


def option(
    *names: str,
    help: str,
    panel: str,
    metavar: str | None = None,
    hidden: bool = False,
    **more: Any,
) -> Any:
    """A `typer.Option` in a help panel; its variable's name is added by `grouped`."""
    return typer.Option(
        *names, help=help, rich_help_panel=panel, metavar=metavar, hidden=hidden, **more
    )


def within(range: Range) -> Callable[[float | None], float | None]:
    """A callback that refuses what lies outside, in the words that settings have everywhere."""

    def checked(value: float | None) -> float | None:
        if value is not None and value not in range:
            raise typer.BadParameter(f"it takes {range}, not {value:.10g}")
        return value

    return checked


def switch(*names: str, help: str, panel: str, **more: Any) -> Any:
    """An option without a value; Typer would show `<bool>` as if it took one."""
    return option(*names, help=help, panel=panel, metavar="", **more)


def complete_model(incomplete: str) -> list[str]:
    """Names for the shell; loaded only when it asks."""
    from qwen3cli.cli.completion import complete_model as complete

    return complete(incomplete)


def complete_session(incomplete: str) -> list[tuple[str, str]]:
    """Conversations for the shell; loaded only when it asks."""
    from qwen3cli.cli.completion import complete_session as complete

    return complete(incomplete)


def named_path(text: str) -> Path:
    """A path that was meant: an empty one, as of a variable that is not set, would be the folder one stands in."""
    if not text.strip():
        raise typer.BadParameter("it is empty")
    return Path(text)


CONTEXT_RANGE = Range(256)  # in tokens; llama.cpp makes no smaller one


SpecArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="SIZE, SIZE:QUANT or hf:OWNER/REPO/FILE.",
        autocompletion=complete_model,
    ),
]
JsonFlag = Annotated[bool, switch("--json", help="Print one JSON object.", panel=OUTPUT)]
VerboseFlag = Annotated[
    bool, switch("--verbose", help="Show llama.cpp's log on standard error.", panel=OUTPUT)
]
SystemFlag = Annotated[
    str | None, option("-s", "--system", metavar="TEXT", help="A system message.", panel=PROMPT)
]
FileFlag = Annotated[
    list[str] | None,
    option(
        "-f",
        "--file",
        metavar="FILE",
        help="A text, document, folder, pattern or https:// address; may be repeated.",
        panel=PROMPT,
    ),
]
HeadFlag = Annotated[
    str | None,
    option("--head", metavar="N", help="Only the first N tokens of the -f before.", panel=PROMPT),
]
TailFlag = Annotated[
    str | None,
    option("--tail", metavar="N", help="Only the last N tokens of the -f before.", panel=PROMPT),
]
SchemaFlag = Annotated[
    str | None,
    option(
        "--schema",
        metavar="SCHEMA",
        help="Hold the answer to a JSON Schema: a file, JSON, or fields as 'name, age int'.",
        panel=OUTPUT,
    ),
]
OfflineFlag = Annotated[
    bool,
    switch(
        "--offline", help="Never open a network connection.", panel=MODEL, envvar="QWEN3_OFFLINE"
    ),
]
SourceFlag = Annotated[
    str | None,
    option(
        "--from",
        metavar="SOURCE",
        help="huggingface, modelscope, or both in the order to try, as modelscope,huggingface.",
        panel=MODEL,
        envvar="QWEN3_FROM",
    ),
]


class Flags:
    """A group of flags: a frozen dataclass, whose fields are `Annotated` options with a default."""

    has_variables: ClassVar[bool] = True

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """The flags, each as a parameter of its own."""
        assert is_dataclass(cls)
        return [
            flag_parameter(each.name, each.type, each.default, has_variable=cls.has_variables)
            for each in fields(cls)
        ]

    @classmethod
    def collected(cls, context: typer.Context, given: dict[str, Any]) -> Self:
        """The group, from what was given for its flags, which is taken out of `given`."""
        return cls(**{each.name: given.pop(each.name) for each in cls.parameters()})


def flag_parameter(
    name: str, annotation: Any, default: Any, *, has_variable: bool = True
) -> inspect.Parameter:
    """One flag of a group, with its variable."""
    info = get_args(annotation)[1]
    if has_variable:
        info.envvar = info.envvar or f"QWEN3_{name.upper()}"
    info.show_envvar = False
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Spread every group that `command` takes into its flags, and collect them again when it is called. Its `environment`
    is the one that the whole run has."""
    parameters = inspect.signature(command).parameters.values()
    groups: dict[str, type[Flags]] = {
        each.name: each.annotation
        for each in parameters
        if isinstance(each.annotation, type) and issubclass(each.annotation, Flags)
    }

    @wraps(command)
    def collected(context: typer.Context, **given: Any) -> None:
        for name, group in groups.items():
            given[name] = group.collected(context, given)
        command(environment=context.obj, **given)

    flat = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for each in parameters:
        if each.annotation is Environment:
            continue
        if each.name in groups:
            flat += groups[each.name].parameters()
        else:
            flat.append(each.replace(kind=inspect.Parameter.KEYWORD_ONLY))
    collected.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]  # read by Typer
    collected.__annotations__ = {each.name: each.annotation for each in flat}
    return collected
