"""Finding what was said: every part of a text from one character on, in any script.

From three characters on SQLite's trigram index finds it. One or two characters, as most Chinese words have, it does not
know; then all texts are looked through. Knows nothing of how hits are shown.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwen3cli.dialogue.messages import Role
from qwen3cli.sessions.folding import folded, place_of
from qwen3cli.sessions.store import Store, parts_of
from qwen3cli.sessions.values import SessionHead, message_of

_INDEXED_CHARACTERS = 3
# The best or the latest of these are looked at one by one; more hits than that say that the word is too common.
_CANDIDATES = 500
_BEFORE, _AFTER = 40, 60  # characters around a hit
_TITLE = "title"
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One message that has what was looked for. `part` is where: empty for what was said, else thoughts or a document."""

    head: SessionHead
    number: int  # of the turn
    role: Role | None  # None: the title
    part: str
    time: float
    before: str
    hit: str
    after: str


def search(store: Store, words: Sequence[str], limit: int) -> list[Hit]:
    """The messages that have every one of the words, and the titles, the best first: titles, then whole words, then where
    they make up more of the text, then the latest."""
    needles = [needle for word in words if (needle := folded(word))]
    if not needles:
        return []
    heads = {each.key: each for each in store.heads()}
    titles = [hit for head in heads.values() if (hit := _title_hit(head, needles))]
    scored = []
    for key, number, time, body in store.query(*_query(needles)):
        message = message_of(json.loads(body))
        for part, text in parts_of(message):
            found = place_of(needles[0], text)
            if found is not None:
                hit = _cut(heads[key], number, message.role, part, time, found)
                scored.append((_score(found, needles[0]), time, hit))
                break
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [*titles, *(hit for *_, hit in scored)][:limit]


def _query(needles: Sequence[str]) -> tuple[str, list[Any]]:
    long = [each for each in needles if len(each) >= _INDEXED_CHARACTERS]
    short = [each for each in needles if len(each) < _INDEXED_CHARACTERS]
    conditions = ["NOT replaced", *["instr(messages.folded, ?)" for _ in short]]
    values: list[Any] = list(short)
    source, order = "messages", "messages.id DESC"
    if long:
        source = "texts JOIN messages ON messages.id = texts.rowid"
        conditions.append("texts MATCH ?")
        values.append(" AND ".join('"' + each.replace('"', '""') + '"' for each in long))
        order = "texts.rowid DESC"
    return (
        f"""SELECT key, number, started, body FROM {source} JOIN turns ON turns.id = messages.turn
        JOIN sessions ON sessions.id = turns.session WHERE {" AND ".join(conditions)}
        ORDER BY {order} LIMIT {_CANDIDATES}""",
        values,
    )


def _title_hit(head: SessionHead, needles: Sequence[str]) -> Hit | None:
    found = place_of(needles[0], head.title)
    if found is None or not all(needle in folded(head.title) for needle in needles):
        return None
    return _cut(head, 0, None, _TITLE, head.changed, found)


def _score(found: tuple[str, int, int], needle: str) -> tuple[bool, float]:
    text, begin, end = found
    is_word = not (text[begin - 1 : begin].isalnum() or text[end : end + 1].isalnum())
    return is_word, len(needle) * folded(text).count(needle) / len(text)


def _cut(
    head: SessionHead,
    number: int,
    role: Role | None,
    part: str,
    time: float,
    found: tuple[str, int, int],
) -> Hit:
    text, begin, end = found
    start = max(0, begin - _BEFORE)
    before = ("..." if start else "") + text[start:begin]
    after = text[end : end + _AFTER] + ("..." if end + _AFTER < len(text) else "")
    shown = [_BLANKS.sub(" ", each) for each in (before, text[begin:end], after)]
    return Hit(head, number, role, part, time, *shown)
