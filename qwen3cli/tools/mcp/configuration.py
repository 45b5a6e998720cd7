"""Which servers are configured, and where.

    --mcp FILE                       those files alone; naming one is approval of it
    .mcp.json in the folder          once the user has approved its content
    mcp.json in the configuration    the user's own; an entry of `.mcp.json` stands before one of the same name

The forms of other programs are read: `mcpServers` (Claude, Qwen-Agent, which has it in a list), `servers` (VS Code).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import config_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.tools.mcp.entry import ServerEntry, read_entry
from qwen3cli.tools.mcp.json_file import JsonFile
from qwen3cli.tools.mcp.trust import is_approved

PROJECT_FILE = ".mcp.json"
OWN_FILE = "mcp.json"
_TABLES = ("mcpServers", "servers")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The servers by name, and the project's file if it is there and not approved: its servers are not among them."""

    entries: Mapping[str, ServerEntry] = field(default_factory=dict)
    unapproved: Path | None = None

    def entry(self, name: str) -> ServerEntry:
        """The server of that name.

        Raises:
            UsageProblem: there is none.
        """
        if name not in self.entries:
            hint = f"there are {', '.join(self.entries)}" if self.entries else "qwen3 mcp add"
            if self.unapproved:
                hint += f"; {self.unapproved} is not approved: qwen3 mcp trust"
            raise UsageProblem(
                f"no server is called {name}{did_you_mean(name, self.entries)}", hint
            )
        return self.entries[name]

    @property
    def notice(self) -> str:
        """One line of what was passed over; empty where nothing was."""
        if self.unapproved is None:
            return ""
        return f"{self.unapproved} is not approved, its servers are passed over: qwen3 mcp trust"


def own_file(variables: Mapping[str, str]) -> Path:
    """The user's own configuration."""
    return config_folder(variables) / OWN_FILE


def read_configuration(
    variables: Mapping[str, str], folder: Path, files: Sequence[Path] = ()
) -> Configuration:
    """What is configured for somebody who stands in `folder` and has named `files`.

    Raises:
        UsageProblem: a file makes no sense; says where.
    """
    if files:
        return Configuration({k: each for path in files for k, each in read_file(path).items()})
    own, project = own_file(variables), folder / PROJECT_FILE
    entries = read_file(own) if own.is_file() else {}
    if not project.is_file():
        return Configuration(entries)
    file = JsonFile(project)
    if not is_approved(project, file.content, variables):
        return Configuration(entries, unapproved=project)
    return Configuration({**entries, **entries_of(file)})


def read_file(path: Path) -> dict[str, ServerEntry]:
    """One file's servers. Raises what `read_configuration` does."""
    return entries_of(JsonFile(path))


def entries_of(file: JsonFile) -> dict[str, ServerEntry]:
    """The servers of a file that was read. Raises what `read_configuration` does."""
    found = {}
    tables = list(_tables(file.document))
    if not tables:
        raise UsageProblem(f"{file.path}: it has no mcpServers, and no servers")
    for table, servers in tables:
        if not isinstance(servers, dict):
            raise file.problem(table, "it must be an object")
        for name, fields in servers.items():
            found[name] = _entry(file, f"{table}.{name}", name, fields)
    return found


def _entry(file: JsonFile, place: str, name: str, fields: Any) -> ServerEntry:
    def problem(field: str, reason: str) -> UsageProblem:
        return file.problem(f"{place}.{field}" if field else place, reason)

    if not name.strip():
        raise problem("", "a server must have a name")
    return read_entry(name, fields, file.path, problem)


def _tables(document: Any) -> Iterator[tuple[str, Any]]:
    """Every table of servers with its place: of the file, or of the objects in its list."""
    if isinstance(document, list):
        for index, each in enumerate(document):
            if isinstance(each, dict):
                yield from ((f"{index}.{table}", value) for table, value in _tables(each))
    elif isinstance(document, dict):
        yield from ((table, document[table]) for table in _TABLES if table in document)
        yield from _tables_below(document, "mcp")


def _tables_below(document: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """As in the settings of an editor."""
    below = document.get(name)
    if isinstance(below, dict):
        yield from ((f"{name}.{table}", value) for table, value in _tables(below))
