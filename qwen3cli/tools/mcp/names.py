"""Names that a model calls tools by: one word each, no two alike, near to what the servers call them."""

import re
from collections import Counter
from collections.abc import Sequence

_STRANGE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 64  # characters; what other programs allow


def unique_names(tools: Sequence[tuple[str, str]]) -> list[str]:
    """A name for each server and tool: the tool's own, behind the server's where two have it."""
    plain = [_word(tool) for _, tool in tools]
    count = Counter(plain)
    taken: set[str] = set()
    names = []
    for (server, _), word in zip(tools, plain, strict=True):
        name = word if count[word] == 1 else _word(f"{server}_{word}")
        names.append(_free(name, taken))
        taken.add(names[-1])
    return names


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name[: _LONGEST - len(str(number)) - 1]}_{number}"
    return free


def _word(text: str) -> str:
    return _STRANGE.sub("_", text)[:_LONGEST].strip("_") or "tool"
