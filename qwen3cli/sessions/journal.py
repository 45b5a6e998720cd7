"""One open conversation as a file: locked for as long as a process has it, and holding the turn that runs.

Each line is a JSON object, written at once, so that what was shown is there whatever ends the process; that costs some
microseconds a token, where a database would take fifty, and can never wait for another process. When the turn is in the
database the file is emptied, and removed when the conversation is closed. A file that nobody has locked belongs to a
process that was killed.

    {"session": {...}, "turn": {...}}     what it is about: the question, and how it is answered
    {"t": "..."} {"a": "..."}             more of the thoughts, of the answer
    {"m": {...}}                          a whole message, which stands for the thoughts and the answer before it
    {"end": {...}}                        the turn is over: its state, its messages, its receipt
    {"drop": ["..."]}                     turns that are taken back
"""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.sessions.locks import try_lock
from qwen3cli.sessions.values import SessionHead, State, StoredTurn, head_of, message_of, turn_of

_SUFFIX = ".jsonl"
_FOLDER = "open"


class SessionBusy(Exception):
    """Another process has this conversation."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What a journal holds: a turn, as far as it went, and the conversation it belongs to."""

    head: SessionHead
    turn: StoredTurn


class Journal:
    """The file of one conversation, ours. Close it when the conversation is over."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open(cls, folder: Path, key: str) -> Self:
        """Take the file of a conversation.

        Raises:
            SessionBusy: another process has it.
            OSError: it cannot be written.
        """
        path = folder / _FOLDER / f"{key}{_SUFFIX}"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            if not try_lock(descriptor):
                os.close(descriptor)
                raise SessionBusy(key)
            if _is_same(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)  # whoever had it removed it in this moment

    def write(self, line: Mapping[str, Any]) -> None:
        """Add a line. Raises OSError: the disk is full, for instance."""
        data = json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        written = os.write(self._descriptor, data)
        if written < len(data):  # half a line would spoil the next one
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def read(self) -> list[JournalEntry]:
        """The turns in it: the last one as far as it went, and those before it that could not be moved yet."""
        with self.path.open("rb") as file:
            return _entries(_lines(file.read()))

    def clear(self) -> None:
        """The turn is safe elsewhere."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Give the conversation back. A turn that is in it stays for whoever opens the store next."""
        with suppress(OSError):
            if os.fstat(self._descriptor).st_size == 0:
                self.path.unlink()
        os.close(self._descriptor)


def left_behind(folder: Path) -> Iterator[Journal]:
    """The journals of processes that are no more, each ours until it is closed."""
    for path in sorted((folder / _FOLDER).glob(f"*{_SUFFIX}")):
        with suppress(SessionBusy, OSError):
            yield Journal.open(folder, path.stem)


def _is_same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lines(data: bytes) -> Iterator[Mapping[str, Any]]:
    """Every whole line; what was cut short at the end is passed over."""
    for line in data.split(b"\n"):
        with suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict):
                yield told


def _entries(lines: Iterator[Mapping[str, Any]]) -> list[JournalEntry]:
    """What the lines add up to."""
    entries: list[JournalEntry] = []
    partial = _Partial()
    with suppress(
        KeyError, TypeError, ValueError
    ):  # what another version wrote: all before it counts
        for line in lines:
            if "turn" in line:
                partial.add_to(entries)
                entries.append(JournalEntry(head_of(line["session"]), turn_of(line["turn"])))
            elif "drop" in line:
                partial = _Partial()
                entries = [each for each in entries if each.turn.uid not in line["drop"]]
            elif "end" in line:
                partial = _Partial()
                entries[-1] = _ended(entries[-1], line["end"])
            elif "m" in line:
                partial = _Partial()
                entries[-1] = _with(entries[-1], message_of(line["m"]))
            else:
                partial.take(line)
    partial.add_to(entries)
    return entries


class _Partial:
    """A message that is not whole yet."""

    def __init__(self) -> None:
        self._thoughts: list[str] = []
        self._answer: list[str] = []

    def take(self, line: Mapping[str, Any]) -> None:
        """More of it."""
        self._thoughts.append(line.get("t", ""))
        self._answer.append(line.get("a", ""))

    def add_to(self, entries: list[JournalEntry]) -> None:
        """Let it be the last message of the last turn, if there is something of it."""
        if entries and any(self._thoughts + self._answer):
            answer, thoughts = "".join(self._answer), "".join(self._thoughts)
            entries[-1] = _with(entries[-1], Message(Role.ASSISTANT, answer, thinking=thoughts))
        self._thoughts, self._answer = [], []


def _with(entry: JournalEntry, message: Message) -> JournalEntry:
    return replace(entry, turn=replace(entry.turn, messages=(*entry.turn.messages, message)))


def _ended(entry: JournalEntry, told: Mapping[str, Any]) -> JournalEntry:
    messages = tuple(message_of(each) for each in told["messages"])
    turn = replace(
        entry.turn, state=State(told["state"]), receipt=told["receipt"], messages=messages
    )
    return replace(entry, turn=turn)
