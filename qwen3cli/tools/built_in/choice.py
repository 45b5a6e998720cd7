"""Which of our own tools a request names."""

from collections.abc import Sequence

from qwen3cli.tools.built_in.calc import CALC
from qwen3cli.tools.built_in.now import NOW
from qwen3cli.tools.selection import ToolPattern
from qwen3cli.tools.tool import Tool

_ALL: tuple[Tool, ...] = (CALC, NOW)
NAMES = tuple(each.definition.name for each in _ALL)


def built_in_tools(patterns: Sequence[ToolPattern]) -> list[Tool]:
    """Those that are named by their whole name or as `builtin:`: a pattern such as `*` means servers' tools."""
    return [
        tool
        for tool in _ALL
        if any(
            each.matches(tool.definition)
            and (each.server == tool.definition.server or each.name == tool.definition.name)
            for each in patterns
        )
    ]
