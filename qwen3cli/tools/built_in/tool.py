"""What our own tools are made of: a definition, and a function that returns text or says why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qwen3cli.tools.tool import CallWatch, TextContent, ToolDefinition, ToolResult

SERVER = "builtin"
# A hint as servers give it, and trusted from us alone: what the tool returns holds nothing that anybody else wrote.
CLOSED_WORLD = {"openWorldHint": False}


class CallFailed(Exception):
    """Why a call came to nothing, in one line for the model."""


@dataclass(frozen=True, slots=True)
class BuiltInTool:
    """One of our own tools."""

    definition: ToolDefinition
    run: Callable[[Mapping[str, Any], CallWatch], str]

    def call(self, arguments: Mapping[str, Any], watch: CallWatch) -> ToolResult:
        """Run it; its arguments have been checked."""
        try:
            return ToolResult((TextContent(self.run(arguments, watch)),))
        except CallFailed as problem:
            return ToolResult.failure(str(problem))


def parameters(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    """The schema of a tool's arguments, with none besides."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
