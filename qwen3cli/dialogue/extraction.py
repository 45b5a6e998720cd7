"""The fenced blocks of an answer: the code a user wants without the words around it.

Knows the text alone. A block is what CommonMark calls a fenced code block, with one addition: models put blocks into
blocks with fences of one length, so a fence that names a language opens an inner block, and the next bare one closes
that. Where this reading leaves the outer block open to the end, CommonMark's own holds.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_QUOTE = re.compile(r"^(?: {0,3}> ?)+")  # all levels at once
# `python`, `{.python .numberLines}`, `python:main.py`, `language-python title="x"`
_LANGUAGE = re.compile(r"[\s{.]*(?:language-)?([^\s:,{}]+)")
_JSON = "json"
# Names of one language that people and models use for each other.
_SAME = {"py": "python", "js": "javascript", "ts": "typescript", "sh": "bash", "shell": "bash", "yml": "yaml",
         "md": "markdown", "htm": "html", "rs": "rust", "c++": "cpp", "jsonc": "json"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language in lower case, empty if it names none, and its text with a new line at its end."""

    language: str
    text: str


def fenced_blocks(answer: str) -> list[Block]:
    """Every outermost block, in order. One that is never closed reaches to the end."""
    return list(_blocks(answer.split("\n")))


def extracted(answer: str, language: str | None = None) -> list[Block]:
    """The blocks to print, those of one language if it is named. JSON counts without a fence too."""
    blocks = fenced_blocks(answer)
    if language is None:
        return blocks
    wanted = _plain(language)
    named = [each for each in blocks if _plain(each.language) == wanted]
    return named or (_bare_json(answer) if wanted == _JSON else [])


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            end = at
            while end < len(lines) and _QUOTE.match(lines[end]):
                end += 1
            yield from _blocks([_QUOTE.sub("", line) for line in lines[at:end]])
            at = max(at + 1, end)
            continue
        end = _end(lines, at, nested=True) or _end(lines, at, nested=False) or len(lines)
        indent = len(opening["indent"])
        inner = [_without(line, indent) for line in lines[at + 1 : end]]
        named = _LANGUAGE.match(opening["info"])
        yield Block(named[1].lower() if named else "", "".join(f"{line}\n" for line in inner))
        at = end + 1


def _end(lines: Sequence[str], start: int, *, nested: bool) -> int | None:
    """The line that closes the block which begins at `start`; None if none does."""
    open_fences: list[str] = []
    for at in range(start, len(lines)):
        match = _FENCE.match(lines[at])
        if match is None:
            continue
        fence, opens = match["fence"], bool(match["info"].strip()) or not open_fences
        if opens and (nested or not open_fences):
            open_fences.append(fence)
        elif not opens and fence.startswith(open_fences[-1]):
            open_fences.pop()
            if not open_fences:
                return at
    return None


def _without(line: str, indent: int) -> str:
    """The line without the indentation that the fence had, or what there is of it."""
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(indent, blank) :]


def _plain(language: str) -> str:
    name = language.strip().lower()
    return _SAME.get(name, name)


def _bare_json(answer: str) -> list[Block]:
    """Every JSON object or array that stands in the text by itself."""
    decoder, found, at = json.JSONDecoder(), [], 0
    for match in re.finditer(r"[\[{]", answer):
        if match.start() < at:
            continue
        try:
            _, at = decoder.raw_decode(answer, match.start())
        except RecursionError:
            break
        except ValueError:
            continue
        found.append(Block(_JSON, answer[match.start() : at] + "\n"))
    return found
