"""A conversation kept while it happens. What goes wrong is told once, and never costs more than the record.

    begin      a question, before the model reads it
    follow     every event of the answer, before it is shown
    finish     the turn is over: into the database; or `abandon`: nothing came of it

The database is opened in a thread while the model loads and answers, so that nobody waits for it. Knows no terminal:
`tell` gets what the user should know.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.dialogue.events import AnswerDelta, Event, ThinkDelta
from qwen3cli.dialogue.messages import Message
from qwen3cli.sessions.journal import Journal, JournalEntry, SessionBusy
from qwen3cli.sessions.problems import DamagedStore
from qwen3cli.sessions.values import (
    SessionHead,
    State,
    StoredTurn,
    head_json,
    message_json,
    turn_json,
)

if TYPE_CHECKING:
    from qwen3cli.sessions.store import Store


class Recorder:
    """Keeps one conversation at a time; without a folder, none. Close it at the end."""

    def __init__(self, folder: Path | None, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._has_told = False
        self._head: SessionHead | None = None
        self._turn: StoredTurn | None = None
        self._journal: Journal | None = None
        self._journal_failed = False
        self._is_answered = False  # something came of the turn that runs
        self._unsaved: list[JournalEntry] = []  # turns that are over, and not in the database
        self._store: Store | None = None
        self._opening = threading.Thread(target=self._try_open, daemon=True)
        if folder is not None:
            with suppress(RuntimeError):  # no thread to be had: opened when it is needed
                self._opening.start()

    @property
    def keeps(self) -> bool:
        """Whether all that was said so far can be found again."""
        return self._folder is not None and not self._unsaved

    def take(self, head: SessionHead) -> None:
        """Have a conversation for this process alone.

        Raises:
            UsageProblem: another process has it.
        """
        if self._folder is None or (self._journal and self._head and self._head.key == head.key):
            return
        self.leave()
        self._head = head
        try:
            self._journal = Journal.open(self._folder, head.key)
        except SessionBusy:
            raise UsageProblem(
                f"conversation {head.key} is open in another process",
                f"close it there, or go on with a copy: qwen3 sessions fork {head.key}",
            ) from None
        except OSError:
            self._journal = None  # the database will say what is wrong

    def begin(self, head: SessionHead, turn: StoredTurn) -> None:
        """A question is asked."""
        if self._folder is None:
            return
        self.take(head)
        self._head, self._turn = head, turn
        self._journal_failed = self._is_answered = False
        self._write({"session": head_json(head), "turn": turn_json(turn)})

    def follow(self, event: Event) -> None:
        """Keep what an event adds to the answer."""
        if isinstance(event, ThinkDelta):
            self._write({"t": event.text})
        elif isinstance(event, AnswerDelta):
            self._write({"a": event.text})
        else:
            return
        self._is_answered = True

    def said(self, message: Message) -> None:
        """A message is whole, in the middle of a turn: a call of a tool, or its result."""
        self._write({"m": message_json(message)})

    def finish(self, answers: Sequence[Message], state: State, receipt: Mapping[str, Any]) -> None:
        """The turn is over; these followed its question."""
        if self._head is None or self._turn is None:
            return
        messages = (self._turn.question, *answers)
        turn = replace(self._turn, messages=messages, state=state, receipt=receipt)
        told = turn_json(turn)
        self._write({"end": {name: told[name] for name in ("messages", "state", "receipt")}})
        self._turn = None
        self._unsaved.append(JournalEntry(self._head, turn))
        self._save()

    def abandon(self) -> None:
        """Nothing came of the turn."""
        if self._turn is not None:
            self._drop([self._turn.uid])
            self._turn = None

    def drop_turns(self, first: int) -> None:
        """The user takes back what was said from this turn on."""
        if self._folder is None or self._head is None:
            return
        self._drop([each.turn.uid for each in self._unsaved if each.turn.number >= first])
        with suppress(QwenError):
            self._opened().drop_turns(self._head.key, first)

    def leave(self) -> None:
        """What comes next is another conversation."""
        if self._journal is not None:
            self._journal.close()
        self._journal = self._head = None

    def close(self) -> None:
        """Give everything back. A turn that was not finished is taken up by whoever opens the store next, if something came
        of it."""
        if not self._is_answered:
            self.abandon()
        self.leave()
        if self._opening.ident is not None:
            self._opening.join()
        if self._store is not None:
            self._store.leave_open()

    def _drop(self, uids: Sequence[str]) -> None:
        self._unsaved = [each for each in self._unsaved if each.turn.uid not in uids]
        self._write({"drop": uids})
        self._clear_journal()

    def _save(self) -> None:
        """Into the database with what is not there yet."""
        try:
            try:
                self._add_all(self._opened())
            except DamagedStore:
                self._add_all(self._renewed())
        except QwenError as problem:
            self._tell_once(problem.message)
        else:
            self._unsaved.clear()
            self._clear_journal()

    def _add_all(self, store: "Store") -> None:
        for each in self._unsaved:
            store.add_turn(each.head, each.turn)

    def _tell_once(self, reason: str) -> None:
        if self._has_told:
            return
        self._has_told = True
        aside = ""
        if self._journal is not None and not self._journal_failed:
            aside = f"; until it can be, it is in {self._journal.path}"
        self._tell(f"this conversation is not saved: {reason}{aside}")

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._journal is None or self._journal_failed:
            return
        try:
            self._journal.write(line)
        except OSError:
            self._journal_failed = True

    def _clear_journal(self) -> None:
        if self._journal is not None and not self._unsaved:
            self._journal.clear()

    def _opened(self) -> "Store":
        if self._opening.ident is not None:
            self._opening.join()
        if self._store is None:
            self._open()
        assert self._store is not None
        return self._store

    def _renewed(self) -> "Store":
        from qwen3cli.sessions.opening import renewed

        assert self._folder is not None
        if self._store is not None:
            self._store.close()
        self._store = renewed(self._folder, self._tell)
        return self._store

    def _open(self) -> None:
        from qwen3cli.sessions.opening import open_store

        assert self._folder is not None
        self._store = open_store(self._folder, self._tell)

    def _try_open(self) -> None:
        # Said when it is needed, here once more, by whoever waits for it; memory may be short too.
        with suppress(QwenError, MemoryError, ImportError, OSError):
            self._open()
