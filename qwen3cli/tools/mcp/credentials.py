"""What a server and its authorization server gave us at a login: in the system's keyring, else in a private file.

One record for each address. Knows nothing of what is in it.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qwen3cli.base.paths import data_folder
from qwen3cli.tools.mcp.private_file import write_private

_SERVICE = "qwen3"
_LONGEST_NAME = 200  # below what file systems allow


class Credentials:
    """The record of one address."""

    def __init__(self, address: str, variables: Mapping[str, str]) -> None:
        self._address = address
        name = quote(address, safe="")[:_LONGEST_NAME]
        self._path: Path = data_folder(variables) / "mcp" / "logins" / f"{name}.json"

    def read(self) -> dict[str, Any]:
        """The record; empty where there is none."""
        for text in (self._from_keyring(), self._from_file()):
            with contextlib.suppress(ValueError):
                record = json.loads(text)
                if isinstance(record, dict):
                    return record
        return {}

    def write(self, record: Mapping[str, Any]) -> None:
        """Keep it, in place of the one before."""
        text = json.dumps(record)
        if self._into_keyring(text):
            self._path.unlink(missing_ok=True)
        else:
            write_private(self._path, text)

    def remove(self) -> bool:
        """Forget it; whether there was one."""
        found = bool(self.read())
        self._path.unlink(missing_ok=True)
        _with_keyring(lambda keyring: keyring.delete_password(_SERVICE, self._address))
        return found

    def _from_keyring(self) -> str:
        text = _with_keyring(lambda keyring: keyring.get_password(_SERVICE, self._address))
        return str(text or "")

    def _from_file(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except OSError:
            return ""

    def _into_keyring(self, text: str) -> bool:
        def keep(keyring: Any) -> bool:
            keyring.set_password(_SERVICE, self._address, text)
            # A keyring that is switched off takes everything and keeps nothing.
            return bool(keyring.get_password(_SERVICE, self._address) == text)

        return bool(_with_keyring(keep))


def _with_keyring(work: Callable[[Any], Any]) -> Any:
    """What comes of some work with the keyring; None where there is none, or it refuses."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    with contextlib.suppress(KeyringError):
        return work(keyring)
    return None
