"""What a configuration leaves to the environment, and what of it must not be seen.

    ${NAME}  ${env:NAME}  ${NAME:-otherwise}     a variable
    ${workspaceFolder}  ${userHome}              as VS Code has them

Every value that comes from a variable, and those given to a server as variables or headers, are taken for secrets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import home
from qwen3cli.tools.mcp.entry import ServerEntry

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"(?:env:)?(\w+)(?::-(.*))?", re.DOTALL)
# A shorter value is no secret, and hiding it would make messages unreadable.
_SHORTEST_SECRET = 6
# What says where one is and who, which messages must be able to name.
_NO_SECRETS = ("HOME", "USER", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "LANG", "TMPDIR")
HIDDEN = "[hidden]"


@dataclass(slots=True)
class Secrets:
    """Values that are never shown or written down."""

    _values: set[str] = field(default_factory=set)

    def add(self, value: str) -> None:
        """One more; an authorization header's word and its token apart too."""
        for each in (value, *value.split()):
            if len(each) >= _SHORTEST_SECRET:
                self._values.add(each)

    def hide(self, text: str) -> str:
        """The text without them."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text


def expanded(
    entry: ServerEntry, variables: Mapping[str, str], folder: Path, secrets: Secrets
) -> ServerEntry:
    """The entry with nothing left to expand; what must not be seen is added to `secrets`.

    Raises:
        UsageProblem: a variable is not set.
    """

    def whole(text: str) -> str:
        return _REFERENCE.sub(
            lambda found: _value(found[1], entry, variables, folder, secrets), text
        )

    result = replace(
        entry,
        command=whole(entry.command),
        arguments=tuple(map(whole, entry.arguments)),
        variables={name: whole(value) for name, value in entry.variables.items()},
        folder=whole(entry.folder),
        url=whole(entry.url),
        headers={name: whole(value) for name, value in entry.headers.items()},
        registration=replace(
            entry.registration,
            client_id=whole(entry.registration.client_id),
            client_secret=whole(entry.registration.client_secret),
            metadata_url=whole(entry.registration.metadata_url),
        ),
    )
    hidden = (*result.variables.values(), *result.headers.values())
    for value in (*hidden, result.registration.client_secret):
        secrets.add(value)
    return result


def _value(
    reference: str, entry: ServerEntry, variables: Mapping[str, str], folder: Path, secrets: Secrets
) -> str:
    places = {"workspaceFolder": folder, "userHome": home(variables)}
    if reference in places:
        return str(places[reference])
    where = f"{entry.source}: {entry.name}"
    match = _VARIABLE.fullmatch(reference)
    if match is None:
        hint = "use a variable instead: ${NAME}"
        raise UsageProblem(f"{where}: ${{{reference}}} is not known here", hint)
    name, otherwise = match.groups()
    value = variables.get(name) or otherwise
    if value is None:
        raise UsageProblem(f"{where}: the variable {name} is not set", f"export {name}=...")
    if name not in _NO_SECRETS and name in variables:
        secrets.add(value)
    return value
