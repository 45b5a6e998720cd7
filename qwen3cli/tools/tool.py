"""A tool, one call of it, and what it returned, as values. Where a tool comes from is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """What the model is told of a tool, and what its server says of it. `name` is unique among all that are offered;
    `parameters` is the JSON Schema of its arguments. Hints are a server's claims: shown, never trusted."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    server: str  # whose it is; `builtin` for our own
    own_name: str = ""  # its name at the server, where that is another
    title: str = ""
    read_only: bool = False  # a claim, but for our own tools
    hints: Mapping[str, Any] = field(default_factory=dict)

    def for_template(self) -> dict[str, Any]:
        """The shape chat templates expect."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
            },
        }


@dataclass(frozen=True, slots=True)
class TextContent:
    """A text of a result, or the text of a resource under its `uri`."""

    text: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class MediaContent:
    """A picture, a sound or another file of a result. `mime` is what the server calls it."""

    data: bytes
    mime: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class LinkContent:
    """A resource that a result points to and does not hold."""

    uri: str
    name: str = ""
    mime: str = ""


Content = TextContent | MediaContent | LinkContent


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call returned. `structured` is what the server gives beside the text, as JSON has it."""

    contents: tuple[Content, ...]
    structured: Any = None
    failed: bool = False

    @staticmethod
    def failure(reason: str) -> "ToolResult":
        """A call that came to nothing, for this reason."""
        return ToolResult((TextContent(reason),), failed=True)


@dataclass(frozen=True, slots=True)
class Form:
    """What a server asks the user in the middle of a call: fields, each a property of `schema` (flat: text, numbers, yes
    or no, choices), or an address to look at, which nobody opens unasked. All of it is a stranger's text."""

    server: str
    message: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


class Decision(StrEnum):
    """What the user makes of a form; CANCEL is to look away without deciding, as when nobody is there to be asked."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """The decision, and the fields' values if it is ACCEPT."""

    decision: Decision
    values: Mapping[str, Any] = field(default_factory=dict)


class CallWatch(Protocol):
    """Who is told of a running call, and asked. Called from the thread that runs the call."""

    def progress(self, done: float, total: float | None, message: str) -> None:
        """The call has come so far."""

    def should_stop(self) -> bool:
        """Whether to give up the call, and to tell the server so."""

    def ask(self, form: Form) -> FormAnswer:
        """Let the user fill in a form; blocks for as long as that takes."""


class NobodyWatching:
    """A watch for where nobody is: nothing is shown, nothing stopped, and no form filled in."""

    def progress(self, done: float, total: float | None, message: str) -> None:
        """Shown to nobody."""

    def should_stop(self) -> bool:
        """Never."""
        return False

    def ask(self, form: Form) -> FormAnswer:
        """Nobody decides."""
        return FormAnswer(Decision.CANCEL)


class Tool(Protocol):
    """One tool that can be called. Calls of several tools may run side by side."""

    @property
    def definition(self) -> ToolDefinition:
        """What it is."""

    def call(self, arguments: Mapping[str, Any], watch: CallWatch) -> ToolResult:
        """Run it to its end. Blocks; never raises for what a tool or its server does: that is a failed result."""
