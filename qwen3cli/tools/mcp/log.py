"""What a server says beside its answers: its standard error, its log messages, what was wrong with its lines.

The end of it is kept in memory, and in a private file when the server ends, for `qwen3 mcp list --verbose`.
"""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from qwen3cli.base.paths import state_folder
from qwen3cli.tools.mcp.expansion import Secrets
from qwen3cli.tools.mcp.private_file import write_private

# How much of it is kept, in bytes; enough for a traceback or two, and a flood costs no more than that.
_KEPT_BYTES = 64 * 1024
_LONGEST_LINE = 1000  # of what is quoted in a message
_LONGEST_NAME = 200  # below what file systems allow


class ServerLog:
    """The last of what one server said."""

    def __init__(self, secrets: Secrets) -> None:
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._secrets = secrets

    def feed(self, data: bytes) -> None:
        """Some of its standard error."""
        self._pieces.append(data[-_KEPT_BYTES:])
        self._bytes += len(self._pieces[-1])
        while self._bytes - len(self._pieces[0]) >= _KEPT_BYTES:
            self._bytes -= len(self._pieces.popleft())

    def note(self, line: str) -> None:
        """A line of ours about it, or a message it sent to be logged."""
        self.feed(f"{line[:_LONGEST_LINE]}\n".encode("utf-8", "replace"))

    @property
    def text(self) -> str:
        """All that is kept, without what must not be seen."""
        kept = b"".join(self._pieces)[-_KEPT_BYTES:]
        return self._secrets.hide(kept.decode("utf-8", "replace"))

    @property
    def last_line(self) -> str:
        """The last line that says something: what most programs end with when they fail."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return lines[-1][:_LONGEST_LINE] if lines else ""

    def keep(self, path: Path) -> None:
        """Write it down."""
        write_private(path, self.text)


def log_file(variables: Mapping[str, str], name: str) -> Path:
    """Where the log of the server of that name is kept; any text can be a name, and not every one names a file."""
    return state_folder(variables) / "mcp" / "logs" / f"{quote(name, safe='')[:_LONGEST_NAME]}.log"
