r"""Files named in a message: `@notes.md`, `@"my notes.md"`, `@my\ notes.md`, as people write them in sentences.

A name ends where the sentence goes on: `see @notes.md, and (@a.txt)!` names two files. What is no file stays text. Also
the other way round: how a path is spelled so that it is read back.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from qwen3cli.base.paths import user_path

_QUOTES = "\"'`"
# In front of a mention stands none of these: me@example.org, git@host:path and //host/@name are none.
_AT = r"(?<![A-Za-z0-9._%+@/-])@"
_MENTION = re.compile(_AT)
_WORD = re.compile(r"(?:\\[^\w\n]|\S)*")  # blanks behind a backslash belong to it
# What was begun and stands in front of the cursor.
_BEGUN = re.compile(rf"{_AT}([{_QUOTES}][^{_QUOTES}\n]*|(?:\\[^\w\n]|[^\s{_QUOTES}])*)$")
_ESCAPED = re.compile(r"\\([^\w\n])")
# What would go on with a name. Where none of it follows, the name may have ended and the sentence goes on.
_GOES_ON = re.compile(r"[A-Za-z0-9_]|[-./~\\]+\w")
_SENTENCE_END = re.compile(r"[^\w/]+$")
_LOOKS_LIKE_PATH = re.compile(r"/|\.\w{1,8}$")


def mentions(line: str) -> Iterator[tuple[str, bool]]:
    """Each file that is mentioned, once, and whether it is there. What is no file and does not look like a path either is
    no mention."""
    told = set()
    at = 0
    while match := _MENTION.search(line, at):
        at = match.end()
        spelled = list(_names(line, at))
        found = next((each for each in spelled if file_named(each[0])), None)
        name, at = found or (_SENTENCE_END.sub("", spelled[0][0]), at)
        if name not in told and (found or _could_be_path(name)):
            told.add(name)
            yield name, found is not None


def file_named(name: str) -> Path | None:
    """The file of this name; None if there is none, or if no system takes such a name."""
    try:
        path = user_path(name)
        return path if path.is_file() else None
    except (OSError, ValueError):  # too long, a zero byte
        return None


def _names(line: str, at: int) -> Iterator[tuple[str, int]]:
    """What may be the name that begins here, and where it ends: in quotes, to the quote that was opened in front of the
    mention, or as far as a word goes, longest first."""
    for quote, start in ((line[at : at + 1], at + 1), (line[at - 2 : at - 1], at)):
        end = line.find(quote, start)
        if quote and quote in _QUOTES and end > start:
            yield line[start:end], end + 1
    word = _WORD.match(line, at)
    assert word is not None, "it matches nothing too"
    stop = word.end()
    for end in range(stop, at - 1, -1):
        if end == stop or (end > at and not _GOES_ON.match(line, end)):
            yield plain(line[at:end]), end


def begun(text: str) -> str | None:
    """The mention that the text ends in the middle of, without its @; None if it does not."""
    match = _BEGUN.search(text)
    return match[1] if match else None


def plain(spelled: str) -> str:
    """The path that is spelled so, finished or not."""
    if spelled and spelled[0] in _QUOTES:
        return spelled[1:].removesuffix(spelled[0])
    return _ESCAPED.sub(r"\1", spelled)


def spelled_like(start: str, path: str) -> str:
    """The path, spelled as the user began it: in the same quotes, with backslashes, or in quotes of ours if it needs
    them."""
    if start and start[0] in _QUOTES:
        return f"{start[0]}{path}{start[0]}"
    if "\\" in start:
        return path.replace(" ", "\\ ")
    return f'"{path}"' if " " in path else path


def _could_be_path(name: str) -> bool:
    """Whether somebody who wrote this may have meant a file that is not there: it looks like a path, and a
    system would take it."""
    if name.startswith("~") or not _LOOKS_LIKE_PATH.search(name):
        return False
    try:
        user_path(name).lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return True
    except (OSError, ValueError):
        return False
    return True
