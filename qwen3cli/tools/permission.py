"""Who decides whether a call may run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qwen3cli.dialogue.events import Permission
from qwen3cli.tools.built_in.tool import SERVER
from qwen3cli.tools.selection import ToolPattern
from qwen3cli.tools.tool import Decision, Form, FormAnswer, ToolDefinition


@dataclass(frozen=True, slots=True)
class Denied:
    """A call may not run; `reason` is for the model."""

    reason: str


class Asker(Protocol):
    """Asked before every call, from the thread of the turn."""

    def permission(
        self, definition: ToolDefinition, arguments: Mapping[str, Any]
    ) -> Permission | Denied:
        """Whether this call may run. Its arguments have been checked."""

    def came_from(self, definition: ToolDefinition) -> None:
        """A result of this tool is in the conversation from now on."""

    def fill(self, form: Form) -> FormAnswer:
        """Let the user fill in what a server asks in the middle of a call."""


class AllowList:
    """Where nobody can be asked: only what was named beforehand may run."""

    def __init__(self, allowed: Sequence[ToolPattern]) -> None:
        self._allowed = allowed

    def permission(
        self, definition: ToolDefinition, arguments: Mapping[str, Any]
    ) -> Permission | Denied:
        """Whether it was named."""
        if any(each.matches(definition) for each in self._allowed):
            return Permission.BUILT_IN if definition.server == SERVER else Permission.NAMED
        return Denied("the user has not allowed this tool; do without it")

    def came_from(self, definition: ToolDefinition) -> None:
        """What was named stays named."""

    def fill(self, form: Form) -> FormAnswer:
        """Nobody decides."""
        return FormAnswer(Decision.CANCEL)
