"""Conversations in the database: added, found, listed, changed, removed.

Each method is one transaction. Knows nothing of how a turn comes to be, and nothing of journals.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.messages import Message
from qwen3cli.sessions.database import (
    FILE_NAME,
    left_open,
    open_database,
    problems_told,
    transaction,
)
from qwen3cli.sessions.folding import folded
from qwen3cli.sessions.keys import new_key
from qwen3cli.sessions.values import (
    Kind,
    Session,
    SessionHead,
    State,
    StoredTurn,
    message_json,
    message_of,
)

_HEAD = "key, kind, title, created, changed, named, place, origin, system, settings"
_SHOWN_NAMES = 3  # of those that a word could mean


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list: its head, how many turns it has, and how the last one ended."""

    head: SessionHead
    turns: int
    state: State


class Store:
    """All conversations. Close it when it is no longer needed."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The store in this folder.

        Raises:
            StoreProblem: it cannot be had.
        """
        return cls(open_database(folder), folder / FILE_NAME)

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()

    def leave_open(self) -> None:
        """The process is about to end, and nobody should wait for a disk."""
        left_open(self.connection)

    def add_turn(self, head: SessionHead, turn: StoredTurn) -> None:
        """Add a turn, and its conversation if it is new. Later turns, and one of the same number, are replaced by it. A
        turn that is there already is not added again.

        Raises:
            StoreProblem: it cannot be written. Every method raises that.
        """
        with self._told(), transaction(self.connection):
            self._add_turn(self._session_id(head), turn)

    def add(self, session: Session) -> bool:
        """Add a whole conversation, under another key if its own is taken; whether it was new."""
        with self._told(), transaction(self.connection):
            head = session.head
            known = self._ids("origin = ?", head.origin) if head.origin is not None else []
            if known or any(self._has_turn(each.uid) for each in session.turns):
                return False
            if self._ids("key = ?", head.key):
                head = replace(head, key=new_key())
            number = self._insert_head(head)
            for turn in session.turns:
                self._add_turn(number, turn)
            return True

    def listed(
        self, *, kind: Kind | None = None, place: str | None = None, limit: int = -1
    ) -> list[Listed]:
        """Conversations, the one that was changed last first."""
        rows = self.query(
            f"""SELECT {_HEAD}, count(turns.id), max(turns.number * 4 + (turns.state = 'cut') + 2 * (turns.state = 'unfinished')) % 4
            FROM sessions JOIN turns ON turns.session = sessions.id AND NOT turns.replaced
            WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR place = ?2)
            GROUP BY sessions.id ORDER BY changed DESC, sessions.id DESC LIMIT ?3""",
            (kind, place, limit),
        )
        states = (State.WHOLE, State.CUT, State.UNFINISHED)
        return [Listed(_head_of(row[:-2]), row[-2], states[row[-1]]) for row in rows]

    def find(self, word: str) -> SessionHead:
        """The conversation that a word means: its key, the beginning of a key, or its title.

        Raises:
            UsageProblem: none, or several.
        """
        found = (
            self._heads("key = ?", word.lower())
            or self._heads("title = ?", word)
            or self._heads("substr(key, 1, ?1) = ?2", len(word), word.lower())
        )
        if not word or not found:
            raise UsageProblem(f"there is no conversation {word!r}", "qwen3 sessions lists them")
        if len(found) > 1:
            keys = ", ".join(each.key for each in found[:_SHOWN_NAMES])
            raise UsageProblem(f"{word!r} could be {len(found)} conversations", f"one of: {keys}")
        return found[0]

    def check_name_is_free(self, name: str) -> None:
        """Raises:
        UsageProblem: a conversation is called so.
        """
        if self._heads("title = ? OR key = ?", name, name):
            raise UsageProblem(
                f"a conversation is called {name} already", f"qwen3 sessions show {name}"
            )

    def heads(self) -> list[SessionHead]:
        """What is known of every conversation beside its turns."""
        return self._heads("TRUE")

    def read(self, head: SessionHead) -> Session:
        """A conversation with its turns."""
        rows = self.query(
            """SELECT turns.id, uid, number, started, state, receipt, body FROM turns
            JOIN sessions ON sessions.id = turns.session JOIN messages ON messages.turn = turns.id
            WHERE key = ? AND NOT replaced ORDER BY number, messages.id""",
            (head.key,),
        )
        turns: dict[int, StoredTurn] = {}
        for number, uid, place, started, state, receipt, body in rows:
            said = (message_of(json.loads(body)),)
            turn = turns.get(number) or StoredTurn(
                uid, place, started, State(state), (), json.loads(receipt)
            )
            turns[number] = replace(turn, messages=turn.messages + said)
        return Session(head, tuple(turns.values()))

    def rename(self, head: SessionHead, title: str) -> None:
        """Give a conversation a name."""
        self._do("UPDATE sessions SET title = ?, named = 1 WHERE key = ?", _text(title), head.key)

    def remove(self, head: SessionHead) -> None:
        """Forget a conversation."""
        with self._told(), transaction(self.connection):
            self.connection.execute("PRAGMA secure_delete=ON")  # nothing of it stays in the file
            self.connection.execute("DELETE FROM sessions WHERE key = ?", (head.key,))

    def drop_turns(self, key: str, first: int) -> None:
        """Forget the turns from this number on."""
        self._do(
            "DELETE FROM turns WHERE number >= ? AND session = (SELECT id FROM sessions WHERE key = ?)",
            first,
            key,
        )

    def fork(self, head: SessionHead, turns: int | None) -> SessionHead:
        """A copy of a conversation, with its first turns only if so many are given."""
        session = self.read(head)
        copied = [replace(turn, uid=secrets.token_hex(8)) for turn in session.turns[:turns]]
        new = replace(head, key=new_key(), title=f"{head.title} (copy)", origin=None, named=False)
        self.add(Session(new, tuple(copied)))
        return new

    def _session_id(self, head: SessionHead) -> int:
        ids = self._ids("key = ?", head.key)
        if not ids:
            return self._insert_head(head)
        self.connection.execute(
            "UPDATE sessions SET changed = max(changed, ?), place = ?, system = ?, settings = ? WHERE id = ?",
            (head.changed, head.place, _text(head.system), _json(head.settings), ids[0]),
        )
        return ids[0]

    def _insert_head(self, head: SessionHead) -> int:
        names = _HEAD.split(", ")
        values = {name: getattr(head, name) for name in names}
        values |= {
            "title": _text(head.title),
            "system": _text(head.system),
            "settings": _json(head.settings),
        }
        marks = ", ".join("?" * len(names))
        done = self.connection.execute(
            f"INSERT INTO sessions ({_HEAD}) VALUES ({marks})", tuple(values.values())
        )
        return int(done.lastrowid or 0)

    def _add_turn(self, session: int, turn: StoredTurn) -> None:
        connection = self.connection
        if self._has_turn(turn.uid):
            return
        connection.execute(
            "UPDATE turns SET replaced = 1 WHERE session = ? AND number >= ?",
            (session, turn.number),
        )
        added = connection.execute(
            "INSERT INTO turns (uid, session, number, started, state, receipt) VALUES (?, ?, ?, ?, ?, ?)",
            (turn.uid, session, turn.number, turn.started, turn.state, _json(turn.receipt)),
        ).lastrowid
        connection.executemany(
            "INSERT INTO messages (turn, role, body, folded) VALUES (?, ?, ?, ?)",
            [
                (added, each.role, _json(message_json(each)), _searched(each))
                for each in turn.messages
            ],
        )

    def _has_turn(self, uid: str) -> bool:
        found = self.connection.execute("SELECT 1 FROM turns WHERE uid = ?", (uid,))
        return found.fetchone() is not None

    def _heads(self, condition: str, *values: Any) -> list[SessionHead]:
        rows = self.query(
            f"SELECT {_HEAD} FROM sessions WHERE {condition} ORDER BY changed DESC", values
        )
        return [_head_of(row) for row in rows]

    def _ids(self, condition: str, *values: Any) -> list[int]:
        rows = self.connection.execute(f"SELECT id FROM sessions WHERE {condition}", values)
        return [row[0] for row in rows]

    def query(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that a question to the tables has for an answer."""
        with self._told():
            return self.connection.execute(query, values).fetchall()

    def _do(self, statement: str, *values: Any) -> None:
        with self._told(), transaction(self.connection):
            self.connection.execute(statement, values)

    def _told(self) -> AbstractContextManager[None]:
        return problems_told(self._path)


def parts_of(message: Message) -> Iterable[tuple[str, str]]:
    """What of a message is searched, each under what it is called; what was said has no name."""
    yield "", message.content
    yield "thoughts", message.thinking
    for each in message.documents:
        yield each.name or "piped text", each.text
    for call in message.tool_calls:
        yield call.name, _json(dict(call.arguments))


def _searched(message: Message) -> str:
    return folded("\n".join(text for _name, text in parts_of(message) if text))


def _head_of(row: Sequence[Any]) -> SessionHead:
    told = dict(zip(_HEAD.split(", "), row, strict=True))
    told |= {"kind": Kind(told["kind"]), "named": bool(told["named"])}
    return SessionHead(**told | {"settings": json.loads(told["settings"])})


def _json(value: Mapping[str, Any]) -> str:
    """As a person can read it with SQLite's own shell; half characters, which no database holds, escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if _text(text) == text else json.dumps(value)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
