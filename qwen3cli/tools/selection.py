"""Which tools a request names: `calc`, `time:get_*`, `fs:read_file`, `*`."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from qwen3cli.base.errors import UsageProblem
from qwen3cli.tools.tool import ToolDefinition


@dataclass(frozen=True, slots=True)
class ToolPattern:
    """One thing that `--tools` names: a tool by its name or a pattern, of one server or, without one, of any."""

    server: str
    name: str

    def matches(self, definition: ToolDefinition) -> bool:
        """Whether it means this tool."""
        names = {definition.name, definition.own_name or definition.name}
        return fnmatchcase(definition.server, self.server or "*") and any(
            fnmatchcase(each, self.name) for each in names
        )

    def means_server(self, name: str) -> bool:
        """Whether it may mean a tool of this server."""
        return fnmatchcase(name, self.server or "*")

    def __str__(self) -> str:
        return f"{self.server}:{self.name}" if self.server else self.name


def read_patterns(given: Iterable[str]) -> tuple[ToolPattern, ...]:
    """From `--tools`, which may be repeated and hold several, between commas.

    Raises:
        UsageProblem: one names nothing.
    """
    found = []
    for each in (part.strip() for text in given for part in text.split(",")):
        server, colon, name = each.rpartition(":")
        if not name or (colon and not server):
            raise UsageProblem(
                f"--tools has no tool in {each!r}", "name some: --tools calc,now,'SERVER:*'"
            )
        found.append(ToolPattern(server, name))
    return tuple(found)
