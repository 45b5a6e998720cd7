"""The tools of one conversation: which are offered, who is asked, and what came of every call."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import Any

from qwen3cli.dialogue.events import Permission
from qwen3cli.tools.deferral import FIND_TOOLS, SHARE_OF_CONTEXT, finder
from qwen3cli.tools.permission import Asker, Denied
from qwen3cli.tools.results import cut_to, result_text
from qwen3cli.tools.tool import MediaContent, Tool, ToolDefinition, ToolResult

_MOST_NAMED = 20  # of the tools that a model may have meant


@dataclass(frozen=True, slots=True)
class KeptResult:
    """All of a result, for the user: the model may have been given a part of its text. `pictures` are all files of it."""

    text: str
    pictures: tuple[Path, ...]


@dataclass(slots=True)
class Toolkit:
    """What a conversation can do. `save` keeps what is no text and tells where, or why not."""

    tools: Sequence[Tool]
    asker: Asker
    save: Callable[[MediaContent], Path | str] = lambda _media: "it cannot be shown here"
    off: set[str] = field(default_factory=set)  # servers whose tools are not offered now
    kept: dict[int, KeptResult] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    found: set[str] = field(default_factory=set)  # tools whose definitions stand in a result
    is_deferred: bool = False  # whether the definitions are too many for the prompt

    def settle(self, tokens: Callable[[str], int], limit_tokens: int) -> None:
        """Find out whether the definitions fit into their share of a context, or are to be found by a tool."""
        told = "\n".join(json.dumps(each.for_template()) for each in self._on())
        self.is_deferred = tokens(told) > limit_tokens // SHARE_OF_CONTEXT

    def offered(self) -> list[ToolDefinition]:
        """What stands in the prompt, in a fixed order, so that its beginning stays the same."""
        return [self._finder().definition] if self.is_deferred else self._on()

    def callable(self) -> list[ToolDefinition]:
        """What may be called now."""
        if not self.is_deferred:
            return self._on()
        return [*self.offered(), *(each for each in self._on() if each.name in self.found)]

    def tool(self, name: str) -> Tool | None:
        """A tool by its name, if it is not off."""
        if self.is_deferred and name == FIND_TOOLS:
            return self._finder()
        by_name = {each.definition.name: each for each in self.tools}
        found = by_name.get(name)
        return None if found is None or found.definition.server in self.off else found

    def permission(
        self, definition: ToolDefinition, arguments: Mapping[str, Any]
    ) -> Permission | Denied:
        """Whether this call may run; to look for tools is always allowed."""
        if self.is_deferred and definition.name == FIND_TOOLS:
            return Permission.BUILT_IN
        return self.asker.permission(definition, arguments)

    def unknown(self, name: str) -> str:
        """What the model is told about a name that no tool has."""
        like = get_close_matches(name, [each.name for each in self._on()], n=1)
        if like:
            return f"there is no tool {name!r}; did you mean {like[0]!r}?"
        names = [each.name for each in self.callable()[:_MOST_NAMED]]
        return f"there is no tool {name!r}; there are {', '.join(names)}"

    def _on(self) -> list[ToolDefinition]:
        return [each.definition for each in self.tools if each.definition.server not in self.off]

    def _finder(self) -> Tool:
        return finder(self._on(), self.found.add)

    def keep(
        self, number: int, result: ToolResult, budget_tokens: int, tokens: Callable[[str], int]
    ) -> tuple[str, tuple[Path, ...]]:
        """Keep a result. Returns what the model reads of it, and the files that came with it."""
        files: list[Path] = []

        def saved(media: MediaContent) -> Path | str:
            kept = self.save(media)
            files.extend([kept] if isinstance(kept, Path) else [])
            return kept

        text = result_text(result, saved)
        self.kept[number] = KeptResult(text, tuple(files))
        return cut_to(text, budget_tokens, tokens, number), tuple(files)
