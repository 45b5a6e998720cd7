"""llm's log: its SQLite file, or what `llm logs --json` prints. A row is a prompt and its response; rows of one conversation
share its id."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.sessions.imports.building import Said, session_from
from qwen3cli.sessions.values import Session

_FRAGMENTS = """SELECT fragments.content, fragments.source FROM prompt_fragments
    JOIN fragments ON fragments.id = prompt_fragments.fragment_id
    WHERE response_id = ? ORDER BY prompt_fragments."order" """


def matches(told: Any) -> bool:
    """Whether it is a list of rows."""
    return isinstance(told, list) and {"prompt", "response", "model"} <= told[0].keys()


def read(told: Any) -> list[Session]:
    """The conversations that the rows make."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in told:
        rows.setdefault(str(row.get("conversation_id") or row["id"]), []).append(row)
    found = [_session(name, each) for name, each in rows.items()]
    return [each for each in found if each is not None]


def from_database(path: Path) -> list[Session]:
    """The conversations of a log, which is only read.

    Raises:
        ValueError: it is another database.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            opened.row_factory = sqlite3.Row
            tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
            if not {"conversations", "responses"} <= tables:
                raise ValueError("the database has no tables conversations and responses")
            return read(list(_rows(opened, has_fragments="prompt_fragments" in tables)))
    except sqlite3.Error as problem:
        raise ValueError(str(problem)) from None


def _rows(opened: sqlite3.Connection, *, has_fragments: bool) -> Iterator[Mapping[str, Any]]:
    names = dict(opened.execute("SELECT id, name FROM conversations").fetchall())
    for row in opened.execute("SELECT * FROM responses ORDER BY datetime_utc, id").fetchall():
        told = dict(row)
        fragments = opened.execute(_FRAGMENTS, (told["id"],)) if has_fragments else ()
        yield told | {
            "conversation_name": names.get(told.get("conversation_id")),
            "prompt_fragments": [dict(each) for each in fragments],
        }


def _session(name: str, rows: Iterable[Mapping[str, Any]]) -> Session | None:
    ordered = sorted(rows, key=lambda row: str(row.get("datetime_utc") or row["id"]))
    said = [each for row in ordered for each in _said(row)]
    return session_from(f"llm {name}", str(ordered[0].get("conversation_name") or ""), 0, said)


def _said(row: Mapping[str, Any]) -> Iterator[Said]:
    time, model = _time(row.get("datetime_utc")), str(row["model"] or "")
    if row.get("system"):
        yield Said(Message(Role.SYSTEM, row["system"]), time)
    documents = tuple(
        Document(str(each.get("source") or "fragment"), each["content"])
        for each in row.get("prompt_fragments") or ()
        if each.get("content")
    )
    yield Said(Message(Role.USER, row["prompt"] or "", documents=documents), time)
    thoughts = row.get("reasoning")
    thinking = thoughts if isinstance(thoughts, str) else ""
    yield Said(Message(Role.ASSISTANT, row["response"] or "", thinking=thinking), time, model)


def _time(told: Any) -> float:
    if not told:
        return 0.0
    moment = datetime.fromisoformat(str(told))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
