"""Which of our own tools a request names."""

from collections.abc import Sequence

from qwen3cli.tools.built_in.calc import CALC
from qwen3cli.tools.built_in.now import NOW
from qwen3cli.tools.built_in.reading import reading_tools
from qwen3cli.tools.built_in.roots import Roots
from qwen3cli.tools.built_in.writing import WRITE_FILE, writing_tool
from qwen3cli.tools.selection import ToolPattern
from qwen3cli.tools.tool import Tool, ToolDefinition

_READING = ("read_file", "list_files", "search_files")
NAMES = ("calc", "now", *_READING, WRITE_FILE)


def built_in_tools(patterns: Sequence[ToolPattern], roots: Roots) -> list[Tool]:
    """Those that are named by their whole name or as `builtin:`: a pattern such as `*` means servers' tools. What writes
    must be named itself."""
    return [
        tool
        for tool in (CALC, NOW, *reading_tools(roots), writing_tool(roots))
        if any(_names(each, tool.definition) for each in patterns)
    ]


def _names(pattern: ToolPattern, definition: ToolDefinition) -> bool:
    whole = pattern.name == definition.name
    by_server = pattern.server == definition.server and definition.read_only
    return pattern.matches(definition) and (whole or by_server)
