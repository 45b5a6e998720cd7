"""ChatGPT's export: `conversations.json`, a list of conversations, each a tree of messages of which `current_node` is the
end of the branch that was shown last."""

from collections.abc import Iterator, Mapping
from typing import Any

from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.sessions.imports.building import Said, seconds, session_from
from qwen3cli.sessions.values import Session

_TO_ALL = "all"  # a message to anyone else calls a tool
_THOUGHTS = ("thoughts", "reasoning_recap")
_NOT_SAID = ("user_editable_context", "model_editable_context")


def matches(told: Any) -> bool:
    """Whether it is such a list, or one conversation of it."""
    first = told[0] if isinstance(told, list) else told
    return isinstance(first["mapping"], dict)


def read(told: Any) -> list[Session]:
    """The conversations, each as it was shown last."""
    found = map(_session, told if isinstance(told, list) else [told])
    return [each for each in found if each is not None]


def _session(told: Mapping[str, Any]) -> Session | None:
    name = told.get("conversation_id") or told.get("id") or told.get("create_time")
    title = str(told.get("title") or "")
    return session_from(f"chatgpt {name}", title, told.get("create_time"), _said(told))


def _said(told: Mapping[str, Any]) -> Iterator[Said]:
    thoughts: list[str] = []
    for message in _branch(told):
        content, role = message["content"], message["author"]["role"]
        kind = content.get("content_type")
        if kind in _NOT_SAID or message.get("metadata", {}).get(
            "is_visually_hidden_from_conversation"
        ):
            continue
        text = _text(content)
        if kind in _THOUGHTS:
            thoughts.append(text)
            continue
        if role not in tuple(Role) or not text:
            continue
        recipient = message.get("recipient") or _TO_ALL
        answers = role == Role.ASSISTANT
        calls = (ToolCall(recipient, {"text": text}),) if answers and recipient != _TO_ALL else ()
        yield Said(
            Message(
                Role(role),
                "" if calls else text,
                thinking="\n\n".join(thoughts) if answers else "",
                tool_calls=calls,
            ),
            seconds(message.get("create_time")),
            str(message.get("metadata", {}).get("model_slug") or ""),
        )
        thoughts = [] if answers else thoughts


def _branch(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The messages from the root to the current node."""
    nodes, found = told["mapping"], []
    at = told.get("current_node") or next(reversed(nodes))
    for _ in range(len(nodes)):  # a ring in the tree ends too
        node = nodes.get(at)
        if node is None:
            break
        if node.get("message"):
            found.append(node["message"])
        at = node.get("parent")
    return found[::-1]


def _text(content: Mapping[str, Any]) -> str:
    if "thoughts" in content:
        return "\n\n".join(str(each.get("content") or "") for each in content["thoughts"])
    if "parts" in content:
        return "\n".join(filter(None, map(_part, content["parts"])))
    return str(content.get("text") or content.get("result") or content.get("content") or "")


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    return str(part.get("text") or f"[{part.get('content_type', 'attachment')}]")
