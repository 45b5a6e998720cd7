"""Which project files the user has approved: a file of a folder names programs to run, and folders come from strangers.

An approval is of a path and the digest of what stood there; a change asks again.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from qwen3cli.base.paths import data_folder
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.tools.mcp.private_file import write_private

_VERSION = 1


def is_approved(path: Path, content: bytes, variables: Mapping[str, str]) -> bool:
    """Whether this content at this place is what the user approved."""
    return _approvals(variables).get(_place(path)) == _digest(content)


def approve(path: Path, content: bytes, variables: Mapping[str, str]) -> None:
    """Approve what was read from there, which need not be what stands there by now."""
    approvals = {**_approvals(variables), _place(path): _digest(content)}
    text = json.dumps({"version": _VERSION, "approved": approvals}, indent=1)
    write_private(_file(variables), text)


def withdraw(path: Path, variables: Mapping[str, str]) -> bool:
    """Take the approval back; whether there was one."""
    approvals = _approvals(variables)
    found = approvals.pop(_place(path), None)
    write_private(
        _file(variables), json.dumps({"version": _VERSION, "approved": approvals}, indent=1)
    )
    return found is not None


def _approvals(variables: Mapping[str, str]) -> dict[str, str]:
    """A file that is none, or of a later version, approves nothing."""
    try:
        document = json.loads(_file(variables).read_bytes())
        return dict(document["approved"]) if document["version"] == _VERSION else {}
    except (OSError, *OTHER_FORM):
        return {}


def _file(variables: Mapping[str, str]) -> Path:
    return data_folder(variables) / "mcp" / "approved.json"


def _place(path: Path) -> str:
    return str(path.resolve())


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
