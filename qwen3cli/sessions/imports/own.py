"""Our own JSON: what `sessions export` writes, whole; and what `/save` writes, which is the messages alone."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.sessions.imports.building import Said, session_from
from qwen3cli.sessions.values import Session, SessionHead, head_json, head_of, turn_json, turn_of

FORMAT, VERSION = "qwen3-sessions", 1


def document(sessions: list[Session]) -> dict[str, Any]:
    """What is exported."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "sessions": [
            {
                "head": head_json(_nowhere(each.head)),
                "turns": [turn_json(turn) for turn in each.turns],
            }
            for each in sessions
        ],
    }


def matches(told: Any) -> bool:
    """Whether it is an export."""
    return bool(told["format"] == FORMAT)


def read(told: Any) -> list[Session]:
    """The conversations of an export."""
    if told["version"] > VERSION:
        raise ValueError(f"it is of version {told['version']}, and this program knows {VERSION}")
    return [
        Session(_nowhere(head_of(each["head"])), tuple(map(turn_of, each["turns"])))
        for each in told["sessions"]
    ]


def _nowhere(head: SessionHead) -> SessionHead:
    """Without the terminal it was last in, which is one of another machine."""
    return replace(head, place="")


def matches_saved(told: Any) -> bool:
    """Whether it is a conversation that was saved in a chat."""
    return isinstance(told["messages"], list) and "role" in told["messages"][0] and "model" in told


def read_saved(told: Any) -> list[Session]:
    """The conversation, without receipts."""
    text = json.dumps(told, sort_keys=True)
    origin = f"save {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    said = [Said(_message(each), model=str(told["model"])) for each in told["messages"]]
    session = session_from(origin, "", 0, said)
    return [session] if session else []


def _message(told: Any) -> Message:
    calls = [each["function"] for each in told.get("tool_calls", ())]
    return Message(
        Role(told["role"]),
        told["content"],
        thinking=told.get("reasoning_content", ""),
        tool_calls=tuple(ToolCall(each["name"], each["arguments"]) for each in calls),
    )
