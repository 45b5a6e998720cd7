"""A conversation as Markdown, and what else of it is told to people."""

from collections.abc import Iterator
from enum import StrEnum

from qwen3cli.base.units import time_text
from qwen3cli.commands.sessions import mark
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.sessions.values import Session


class Form(StrEnum):
    """In which form conversations leave."""

    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


_HEADINGS = {Role.USER: "You", Role.ASSISTANT: "Model", Role.SYSTEM: "System", Role.TOOL: "Tool"}


def as_markdown(session: Session, *, thoughts: bool = False) -> str:
    """Title, facts, and what was said under headings; thoughts quoted, if they are wanted."""
    head = session.head
    parts = [f"# {head.title}", f"{head.key}, {time_text(head.created)}, {models_of(session)}"]
    if head.system:
        parts += ["## System", head.system]
    for turn in session.turns:
        for message in turn.messages:
            parts += [f"## {_HEADINGS[message.role]}", *_body(message, thoughts=thoughts)]
        if word := mark(turn.state):
            parts.append(f"*({word})*")
    return "\n\n".join(parts) + "\n"


def models_of(session: Session) -> str:
    """The models that answered, by their titles."""
    titles = [turn.model for turn in session.turns]
    return ", ".join(dict.fromkeys(each for each in titles if each)) or "model unknown"


def _body(message: Message, *, thoughts: bool) -> Iterator[str]:
    if thoughts and message.thinking:
        yield "\n".join(f"> {line}".rstrip() for line in message.thinking.strip().split("\n"))
    if message.text:
        yield message.text
    for call in message.tool_calls:
        yield f"`{call.name}` was called with `{dict(call.arguments)}`"
