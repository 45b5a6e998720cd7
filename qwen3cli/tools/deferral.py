"""Definitions that are too many for the prompt stand behind one tool that finds them: ten servers work in 32K.

The prompt holds the search tool alone, so that its beginning stays the same from round to round; what was found stands in
the results, and may be called from then on.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qwen3cli.tools.built_in.tool import CLOSED_WORLD, SERVER, BuiltInTool, CallFailed, parameters
from qwen3cli.tools.tool import CallWatch, ToolDefinition

FIND_TOOLS = "find_tools"
SHARE_OF_CONTEXT = 4  # definitions may take a quarter of it
_MOST_FOUND = 5
_WORD = re.compile(r"[^\W_]+")


def finder(definitions: Sequence[ToolDefinition], found: Callable[[str], None]) -> BuiltInTool:
    """The tool that finds others by what they do; `found` is told each name that it gives."""

    def run(arguments: Mapping[str, Any], _watch: CallWatch) -> str:
        best = _ranked(definitions, arguments["query"])[:_MOST_FOUND]
        if not best:
            names = ", ".join(sorted({each.server for each in definitions}))
            raise CallFailed(f"nothing like that; there are tools of {names}")
        for each in best:
            found(each.name)
        return "\n".join(json.dumps(each.for_template(), ensure_ascii=False) for each in best)

    servers = ", ".join(sorted({each.server for each in definitions}))
    about = f"Find tools by what they do, to call them then. There are {len(definitions)}, of {servers}."
    return BuiltInTool(
        ToolDefinition(
            FIND_TOOLS,
            about,
            parameters({"query": {"type": "string"}}, "query"),
            SERVER,
            read_only=True,
            hints=CLOSED_WORLD,
        ),
        run,
    )


def _ranked(definitions: Sequence[ToolDefinition], query: str) -> list[ToolDefinition]:
    """Those that share words with the query, most of them first; words in a name count twice."""
    wanted = _words(query)

    def score(each: ToolDefinition) -> int:
        about = _words(f"{each.server} {each.title} {each.description}")
        return 2 * len(wanted & _words(each.name)) + len(wanted & about)

    scored = sorted(((score(each), each) for each in definitions), key=lambda pair: -pair[0])
    return [each for points, each in scored if points]


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
