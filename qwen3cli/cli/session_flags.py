"""Whether a conversation is kept, and which one is gone on with: the flags."""

import inspect
from dataclasses import dataclass, fields
from typing import Annotated, Any, Self

import typer

from qwen3cli.base.errors import UsageProblem
from qwen3cli.cli.help import SESSION
from qwen3cli.cli.options import Flags, complete_session, flag_parameter, option, switch

_TYPED = "COMMANDLINE"  # Typer's word for where a value came from


@dataclass(frozen=True)
class LogFlags(Flags):
    """Whether a conversation is kept."""

    log: Annotated[
        bool,
        switch(
            "--log/--no-log",
            help="Keep the conversation on this disk, or not.",
            panel=SESSION,
            show_default=False,
        ),
    ] = True


@dataclass(frozen=True)
class SessionFlags(Flags):
    """Which conversation is gone on with, or begun. `typed` are the parameters of all flags that stand on the command line
    itself: these change what a conversation has been so far, and settings do not."""

    last: Annotated[
        bool,
        switch("-c", "--continue", help="Go on with the last conversation.", panel=SESSION),
    ] = False
    session: Annotated[
        str | None,
        option(
            "--session",
            metavar="ID|NAME",
            help="Go on with this one.",
            panel=SESSION,
            autocompletion=complete_session,
        ),
    ] = None
    name: Annotated[
        str | None,
        option("--name", metavar="NAME", help="Begin one of this name.", panel=SESSION),
    ] = None
    pick: Annotated[bool, switch("--pick", help="Go on with one from a list.", panel=SESSION)] = (
        False
    )
    typed: frozenset[str] = frozenset()

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """The flags, each as a parameter of its own."""
        flags = (each for each in fields(cls) if each.name != "typed")
        return [
            flag_parameter(each.name, each.type, each.default, has_variable=False) for each in flags
        ]

    @classmethod
    def collected(cls, context: typer.Context, given: dict[str, Any]) -> Self:
        """The group, and what was typed. `-c` takes no value, but other tools' `-c` is the context."""
        flags = {each.name: given.pop(each.name) for each in cls.parameters()}
        first = next(iter(context.params.get("prompt") or ()), "")
        if flags["last"] and first.isdecimal():
            raise UsageProblem(
                f"-c goes on with the last conversation, and {first} would be the prompt",
                f"for a context of so many tokens: --ctx {first}",
            )
        sources = {name: context.get_parameter_source(name) for name in context.params}
        typed = (name for name, source in sources.items() if source and source.name == _TYPED)
        return cls(**flags, typed=frozenset(typed))
