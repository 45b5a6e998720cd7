"""What is said in a conversation, as values.

A message knows its parts and nothing else: no id, no time, no file. Two messages with the same parts are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Who speaks. `TOOL` carries the result of a tool call back to the model."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model asked for, with its arguments as the model gave them."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn's contribution. `thinking` and `tool_calls` belong to the assistant only."""

    role: Role
    content: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()

    def for_template(self) -> dict[str, Any]:
        """The shape chat templates expect (the OpenAI message with `reasoning_content`)."""
        shaped: dict[str, Any] = {"role": self.role.value, "content": self.content}
        if self.thinking:
            shaped["reasoning_content"] = self.thinking
        if self.tool_calls:
            shaped["tool_calls"] = [
                {
                    "type": "function",
                    "function": {"name": call.name, "arguments": dict(call.arguments)},
                }
                for call in self.tool_calls
            ]
        return shaped
