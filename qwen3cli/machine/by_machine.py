"""What was measured of a machine, in small files of the state folder, under the machine's description.

A home folder may be shared by machines, and a machine may change: what was measured counts only where the description is the
same. A file that is damaged, foreign or cannot be written costs nothing but that.
"""

import contextlib
import json
import os
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwen3cli.base.paths import state_folder
from qwen3cli.machine.hardware import physical_cores, processor_name

_MOST_MACHINES = 16  # those measured last stay


def known_of_machine(variables: Mapping[str, str], file_name: str) -> Any:
    """What a file says of this machine; None if nothing."""
    return _read(variables, file_name).get(_description())


def keep_of_machine(variables: Mapping[str, str], file_name: str, value: Any) -> None:
    """Write beside the file and put it in its place, so that two processes at once leave one whole file."""
    known = _read(variables, file_name)
    known.pop(_description(), None)
    kept = dict([*known.items(), (_description(), value)][-_MOST_MACHINES:])
    folder = state_folder(variables)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder)  # for this user's eyes only
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        Path(beside).replace(folder / file_name)


def _description() -> str:
    """This machine as it may be used: fewer cores move less."""
    return f"{platform.node()}: {processor_name()}, {physical_cores()} cores"


def _read(variables: Mapping[str, str], file_name: str) -> dict[str, Any]:
    try:
        found = json.loads((state_folder(variables) / file_name).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
