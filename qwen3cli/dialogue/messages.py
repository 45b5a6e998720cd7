"""What is said in a conversation, as values.

A message knows its parts and nothing else: no id, no time, no path. Two messages with the same parts are equal. What a
person typed and what only goes with it, a file or piped text, stay apart to the end: the model reads both, but only
what was typed can ask for anything.
"""

import re
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
class Excerpt:
    """So many tokens from the beginning of a text, or up to its end."""

    tokens: int
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A text that goes with a message: a file's, under the name the user gave it, or, without a name, what was piped in."""

    name: str
    text: str
    language: str = ""  # of source code, as a fence names it
    excerpt: Excerpt | None = (
        None  # what is wanted of it, until somebody who counts tokens takes that
    )

    def as_block(self) -> str:
        """The document as it stands in a prompt: fenced, under its name, with a fence no line of it can close."""
        if not self.name:
            return self.text.strip()
        longest = max(map(len, _FENCES.findall(self.text)), default=_SHORTEST_FENCE - 1)
        fence = "`" * (longest + 1)
        return f"{self.name}:\n{fence}{self.language}\n{self.text.rstrip()}\n{fence}"


_SHORTEST_FENCE = 3
_FENCES = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn's contribution. `content` is what was typed or said; `documents` go with what a user typed; `thinking`
    and `tool_calls` belong to the assistant only."""

    role: Role
    content: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def text(self) -> str:
        """All that the model reads of it, but for thoughts and calls: files, then the content, then what was piped in. A
        question stands behind its files, so that another one on the same files begins in the same way."""
        files = [each.as_block() for each in self.documents if each.name]
        piped = [each.as_block() for each in self.documents if not each.name]
        return "\n\n".join(part for part in (*files, self.content, *piped) if part)

    def for_template(self) -> dict[str, Any]:
        """The shape chat templates expect (the OpenAI message with `reasoning_content`)."""
        shaped: dict[str, Any] = {"role": self.role.value, "content": self.text}
        if self.role is Role.ASSISTANT:
            # Also without thoughts: where it is missing, Qwen3's template looks for them in the content, and cuts it
            # at any `</think>` there.
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
