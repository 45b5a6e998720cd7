"""A prompt that does not fit, told so that something can be done: what its files take, and what of the longest would fit.

Knows a model that counts tokens, and how a part of a file is asked for where it was named; decides nothing.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qwen3cli.base.errors import PromptTooLong
from qwen3cli.base.units import count_text
from qwen3cli.dialogue.messages import Document, Message

_TOLD_FILES = 3  # the longest ones
_ANSWER_TOKENS = 512  # what an answer should have at least
_AROUND_TOKENS = 64  # the template's own words, and a fence
_COUNTED_CHARACTERS = 2**20  # of a longer text so much is counted, and the rest reckoned
_PAGE = re.compile(r"^(?=\[page (\d+)\]$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ways:
    """How less of a file is asked for: some of its pages, or its beginning. `else_` is what helps with any file."""

    pages: str
    head: str
    else_: tuple[str, ...] = ()


BY_FLAGS = Ways(
    "-f {quoted} --pages {first}-{last}",
    "-f {quoted} --head {tokens}",
    ("--split asks about it part by part",),
)
BY_NAMES = Ways("-f {quoted}#{first}-{last}", "-f {quoted}#head={tokens}")
BY_COMMANDS = Ways("/read {name}#{first}-{last}", "/read {name}#head={tokens}")


def with_what_fits(
    problem: PromptTooLong,
    messages: Sequence[Message],
    limit_tokens: int,
    count: Callable[[str], int],
    ways: Ways = BY_FLAGS,
) -> PromptTooLong:
    """The refusal with the figures of the files, and with what would fit; as it is where there are no files."""
    documents = sorted(
        ((_tokens(each, count), each) for message in messages for each in message.documents),
        key=lambda each: -each[0],
    )
    if not documents:
        return problem
    told = ", ".join(
        f"{_name(each)} {count_text(tokens)}" for tokens, each in documents[:_TOLD_FILES]
    )
    more = len(documents) - _TOLD_FILES
    told += f", and {more:,} more files" if more > 0 else ""
    (_, longest), others = documents[0], sum(tokens for tokens, _ in documents[1:])
    said = sum(count(each.content) + _AROUND_TOKENS for each in messages)
    room = limit_tokens - others - said - _ANSWER_TOKENS
    hints = [problem.hint, *_parts(longest, room, count, ways), *ways.else_]
    return PromptTooLong(f"{problem.message}; {told}", "; or ".join(hints))


def _parts(document: Document, room: int, count: Callable[[str], int], ways: Ways) -> list[str]:
    """What takes as much of a document as fits."""
    if room < 1:
        return []
    name = document.name or "-"
    quoted = shlex.quote(name)
    pages = _fitting_pages(document.text, room, count)
    if pages is not None:
        return [ways.pages.format(name=name, quoted=quoted, first=pages[0], last=pages[1])]
    return [ways.head.format(name=name, quoted=quoted, tokens=room)]


def _fitting_pages(text: str, room: int, count: Callable[[str], int]) -> tuple[int, int] | None:
    """The first pages that fit, if there are pages and one does."""
    marks = list(_PAGE.finditer(text))
    ends = [*(each.start() for each in marks[1:]), len(text)]
    fitting = []
    for mark, end in zip(marks, ends, strict=False):
        room -= count(text[mark.start() : end])
        if room < 0:
            break
        fitting.append(int(mark[1]))
    return (fitting[0], fitting[-1]) if fitting else None


def _tokens(document: Document, count: Callable[[str], int]) -> int:
    text = document.as_block()
    counted = text[:_COUNTED_CHARACTERS]
    return count(counted) * len(text) // max(1, len(counted))


def _name(document: Document) -> str:
    return document.name or "standard input"
