"""A conversation as it is kept: values, and their JSON.

Messages are stored as JSON objects with the fields of `dialogue.messages`, those that are empty left out, so that a
field more needs no migration. What a program of a later version has added is passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from qwen3cli.dialogue.messages import Document, Message, Role, ToolCall


class Kind(StrEnum):
    """Which command began a conversation."""

    CHAT = "chat"
    ASK = "ask"
    IMPORT = "import"


class State(StrEnum):
    """How a turn ended."""

    WHOLE = "whole"
    CUT = "cut"  # stopped, or something ran out
    UNFINISHED = "unfinished"  # the process was killed in the middle of it


@dataclass(frozen=True, slots=True)
class SessionHead:
    """What is known of a conversation beside its turns. `key` is what a person types for it; `place` the terminal it was
    last in; `origin` what it is a copy of; `settings` what is needed to go on with it."""

    key: str
    kind: Kind
    title: str
    created: float  # seconds since 1970, as everywhere in this room
    changed: float
    named: bool = False  # the title is a name that the user gave
    place: str = ""
    origin: str | None = None
    system: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question with all that followed it. `number` counts from 0; `receipt` says what answered, and how."""

    uid: str
    number: int
    started: float
    state: State
    messages: tuple[Message, ...]
    receipt: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> Message:
        """What was asked."""
        return self.messages[0]

    @property
    def model(self) -> str:
        """The title of the model that answered; empty if that is not known."""
        told = self.receipt.get("model")
        return str(told.get("title", "")) if isinstance(told, Mapping) else ""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation, whole."""

    head: SessionHead
    turns: tuple[StoredTurn, ...]

    @property
    def messages(self) -> list[Message]:
        """All that was said, in order, without the system message."""
        return [message for turn in self.turns for message in turn.messages]

    def messages_with(self, asked: Sequence[Message]) -> list[Message]:
        """All that was said, with what is asked now at its end. A system message among that takes the place of the old."""
        system = [each for each in asked if each.role is Role.SYSTEM]
        if not system and self.head.system:
            system = [Message(Role.SYSTEM, self.head.system)]
        return [*system, *self.messages, *(each for each in asked if each.role is not Role.SYSTEM)]


def message_json(message: Message) -> dict[str, Any]:
    """A message as JSON has it."""
    told = {name: value for name, value in asdict(message).items() if value not in ("", ())}
    return {"content": message.content, **told}


def message_of(told: Mapping[str, Any]) -> Message:
    """A message, from its JSON.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    given = _known(Message, told)
    given["role"] = Role(given["role"])
    given.setdefault("content", "")  # a question that was piped in, a call of a tool
    given["tool_calls"] = tuple(
        ToolCall(**_known(ToolCall, each)) for each in given.get("tool_calls", ())
    )
    given["documents"] = tuple(
        Document(**_known(Document, each)) for each in given.get("documents", ())
    )
    return Message(**given)


def head_json(head: SessionHead) -> dict[str, Any]:
    """What is known of a conversation, as JSON has it."""
    return asdict(head)


def head_of(told: Mapping[str, Any]) -> SessionHead:
    """What is known of a conversation, from its JSON. Raises what `message_of` does."""
    given = _known(SessionHead, told)
    return SessionHead(**given | {"kind": Kind(given["kind"])})


def turn_json(turn: StoredTurn) -> dict[str, Any]:
    """A turn as JSON has it."""
    told = {each.name: getattr(turn, each.name) for each in fields(turn)}
    return told | {"messages": [message_json(each) for each in turn.messages]}


def turn_of(told: Mapping[str, Any]) -> StoredTurn:
    """A turn, from its JSON. Raises what `message_of` does."""
    given = _known(StoredTurn, told)
    messages = tuple(message_of(each) for each in given["messages"])
    if not messages:
        raise ValueError("a turn without a message")
    return StoredTurn(**given | {"messages": messages, "state": State(given["state"])})


def _known(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in dict(told).items() if name in names}
