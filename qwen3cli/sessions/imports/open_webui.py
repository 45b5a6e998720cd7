"""Open WebUI's export of chats: a list, each with `chat`, whose `history` is a tree of messages and `currentId` the end of
the branch that is shown. Thoughts stand in the text, in a block that the page folds."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.sessions.imports.building import Said, seconds, session_from
from qwen3cli.sessions.values import Session

_THOUGHTS = re.compile(
    r'<details type="reasoning"[^>]*>\s*<summary>.*?</summary>\s*(.*?)\s*</details>\s*', re.DOTALL
)
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


def matches(told: Any) -> bool:
    """Whether it is such a list, or one chat of it."""
    first = told[0] if isinstance(told, list) else told
    chat = first.get("chat", first)
    return "history" in chat or ("title" in chat and "messages" in chat)


def read(told: Any) -> list[Session]:
    """The chats, each as it is shown."""
    found = map(_session, told if isinstance(told, list) else [told])
    return [each for each in found if each is not None]


def _session(told: Mapping[str, Any]) -> Session | None:
    chat = told.get("chat", told)
    name = told.get("id") or chat.get("id") or chat.get("timestamp")
    title = str(told.get("title") or chat.get("title") or "")
    created = told.get("created_at") or chat.get("timestamp")
    return session_from(f"open-webui {name}", title, created, _said(chat))


def _said(chat: Mapping[str, Any]) -> Iterator[Said]:
    system = (chat.get("params") or {}).get("system")
    if system:
        yield Said(Message(Role.SYSTEM, str(system)))
    for each in _branch(chat):
        text, role = str(each.get("content") or ""), Role(each["role"])
        thoughts = "\n\n".join(_THOUGHTS.findall(text)) if role is Role.ASSISTANT else ""
        yield Said(
            Message(
                role,
                _THOUGHTS.sub("", text) if thoughts else text,
                thinking=_QUOTED.sub("", unescape(thoughts)),
                documents=tuple(_documents(each)) if role is Role.USER else (),
            ),
            seconds(each.get("timestamp")),
            str(each.get("model") or ""),
        )


def _branch(chat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    history = chat.get("history") or {}
    nodes, found = history.get("messages") or {}, []
    at = history.get("currentId")
    if at is None:
        return list(chat.get("messages") or ())
    for _ in range(len(nodes)):  # a ring in the tree ends too
        node = nodes.get(at)
        if node is None:
            break
        found.append(node)
        at = node.get("parentId")
    return found[::-1]


def _documents(message: Mapping[str, Any]) -> Iterator[Document]:
    for each in message.get("files") or ():
        file = each.get("file") or {}
        text = (file.get("data") or {}).get("content")
        if text:
            yield Document(str(each.get("name") or file.get("filename") or "file"), str(text))
