"""The tools of one conversation: which are offered, who is asked, and what came of every call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import count
from pathlib import Path

from qwen3cli.tools.permission import Asker
from qwen3cli.tools.results import cut_to, result_text
from qwen3cli.tools.tool import MediaContent, Tool, ToolDefinition, ToolResult


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

    def offered(self) -> list[ToolDefinition]:
        """What the model is told of, in a fixed order, so that the prompt's beginning stays the same."""
        return [each.definition for each in self.tools if each.definition.server not in self.off]

    def tool(self, name: str) -> Tool | None:
        """An offered tool by its name."""
        by_name = {each.definition.name: each for each in self.tools}
        found = by_name.get(name)
        return None if found is None or found.definition.server in self.off else found

    def unknown(self, name: str) -> str:
        """What the model is told about a name that no tool has."""
        names = [each.name for each in self.offered()]
        like = get_close_matches(name, names, n=1)
        return f"there is no tool {name!r}; " + (
            f"did you mean {like[0]!r}?" if like else f"the tools are {', '.join(names)}"
        )

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
