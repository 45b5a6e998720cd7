"""`--pages`, `--head` and `--tail` belong to the `-f` before them: they are joined to its value, as it can be typed too."""

import re
from collections.abc import Iterable

from qwen3cli.cli.syntax import Syntax

_FILE = ("-f", "--file")
_MARKS = {"--pages": "#", "--head": "#head=", "--tail": "#tail="}
_FIGURES = re.compile(r"\d+(-\d*)?")


def with_parts_joined(words: Iterable[str], syntax: Syntax) -> list[str]:
    """The words, with `-f a.pdf --pages 1-20` as `-f a.pdf#1-20`. What stands before any file, or is no number, stays."""
    joined: list[str] = []
    file: int | None = None  # where the last one is
    rest = iter(words)
    for word in rest:
        name, mark, value = word.partition("=")
        if word == "--":
            return [*joined, word, *rest]
        follows = name in syntax.valued and not mark
        value = next(rest, "") if follows else value
        if name in _MARKS and file is not None and _FIGURES.fullmatch(value):
            joined[file] += _MARKS[name] + value
            continue
        joined += [word, value] if follows else [word]
        if name in _FILE or (word.startswith(_FILE[0]) and not word.startswith("--")):
            file = len(joined) - 1
    return joined
