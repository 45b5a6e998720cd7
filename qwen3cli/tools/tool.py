"""A tool, one call of it, and what it returned, as values. Where a tool comes from is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


class CallWatch(Protocol):
    """Who is told of a running call, and asked. Called from the thread that runs the call."""

    def progress(self, done: float, total: float | None, message: str) -> None:
        """The call has come so far."""

    def should_stop(self) -> bool:
        """Whether to give up the call, and to tell the server so."""


class Tool(Protocol):
    """One tool that can be called. Calls of several tools may run side by side."""

    @property
    def definition(self) -> ToolDefinition:
        """What it is."""

    def call(self, arguments: Mapping[str, Any], watch: CallWatch) -> ToolResult:
        """Run it to its end. Blocks; never raises for what a tool or its server does: that is a failed result."""
