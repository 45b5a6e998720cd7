"""From what a format says to a conversation of ours: messages in order become turns."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.sessions.keys import new_key, title_of
from qwen3cli.sessions.values import Kind, Session, SessionHead, State, StoredTurn

_MILLISECONDS = 1e11  # a time in seconds is below that for three thousand years


@dataclass(frozen=True, slots=True)
class Said:
    """One message, when, and by which model."""

    message: Message
    time: float = 0.0
    model: str = ""


def session_from(origin: str, title: str, created: Any, said: Iterable[Said]) -> Session | None:
    """The conversation that these messages make; None if nothing was said. `origin` says where it is from, and is the same
    whenever it is imported."""
    system, turns = "", list[StoredTurn]()
    for each in said:
        message = each.message
        if message.role is Role.SYSTEM:
            system = system or message.content
        elif message.role is Role.USER or not turns:
            uid = hashlib.sha256(f"{origin} {len(turns)}".encode()).hexdigest()[:16]
            receipt = {"model": {"title": each.model}} if each.model else {}
            turns.append(StoredTurn(uid, len(turns), each.time, State.WHOLE, (message,), receipt))
        else:
            model = {"model": {"title": each.model}} if each.model else {}
            turns[-1] = replace(
                turns[-1],
                messages=(*turns[-1].messages, message),
                receipt={**turns[-1].receipt, **model},
            )
    if not turns:
        return None
    begun = seconds(created) or turns[0].started
    head = SessionHead(
        new_key(),
        Kind.IMPORT,
        title.strip() or title_of(turns[0].question.content),
        begun,
        max(begun, *(turn.started for turn in turns)),
        origin=origin,
        system=system,
    )
    return Session(head, tuple(turns))


def seconds(told: Any) -> float:
    """A time that may be in milliseconds, or missing."""
    value = float(told or 0)
    return value / 1000 if value > _MILLISECONDS else value
