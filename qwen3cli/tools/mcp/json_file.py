"""A JSON file that a person wrote, with the comments and trailing commas that editors allow.

Whatever is wrong with it is told with its line or its field.
"""

import json
import re
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.whole_file import read_whole

_STRING_COMMENT_OR_COMMA = re.compile(
    r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.DOTALL
)

_MOST_BYTES = 2**24  # a list of servers has some KiB


class JsonFile:
    """The file, read. `document` is what it says, `content` its bytes.

    Raises:
        UsageProblem: it cannot be read, or is no JSON; says where.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.content = read_whole(path, _MOST_BYTES)
        except OSError as problem:
            raise UsageProblem(f"{path} cannot be read: {problem.strerror}") from None
        text = self.content.decode("utf-8-sig", "replace")
        try:
            self.document: Any = json.loads(_STRING_COMMENT_OR_COMMA.sub(_without, text))
        except json.JSONDecodeError as problem:
            raise UsageProblem(
                f"{path}:{problem.lineno}: {problem.msg}",
                "correct that line, or move the file away",
            ) from None
        except RecursionError:
            raise UsageProblem(f"{path}: it is nested too deeply") from None

    def problem(self, field: str, reason: str) -> UsageProblem:
        """The error for one field of this file, such as `mcpServers.time.args`."""
        return UsageProblem(f"{self.path}: {field}: {reason}", "correct it, or move the file away")


def _without(found: re.Match[str]) -> str:
    """A string stays; a comment leaves its lines, so that the numbers of those below hold."""
    text = found[0]
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)
