"""A TOML file that a person wrote. Whatever is wrong with it is told with its line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.whole_file import read_whole

_MOST_BYTES = 2**24  # settings, templates and catalogues have some KiB
_PARSER_LINE = re.compile(r"\(at line (\d+)")


class TomlFile:
    """The file, read. `document` is what it says.

    Raises:
        UsageProblem: it cannot be read, or is no TOML; says where.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            data = read_whole(path, _MOST_BYTES)
            self.text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        except OSError as problem:
            raise _refused(str(path), f"cannot be read: {problem.strerror}") from None
        try:
            self.document: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as problem:
            told = _PARSER_LINE.search(str(problem))  # else it is the end of the file
            line = told.group(1) if told else len(self.text.splitlines()) or 1
            raise _refused(f"{path}:{line}", str(problem)) from None
        except RecursionError:
            raise _refused(str(path), "nested too deep") from None

    def problem(self, reason: str, at: int | None = None) -> UsageProblem:
        """The error for this file; `at` is the place in its text that is wrong."""
        line = "" if at is None else f":{self.text.count(chr(10), 0, at) + 1}"
        return _refused(f"{self._path}{line}", reason)


def _refused(where: str, reason: str) -> UsageProblem:
    return UsageProblem(f"{where}: {reason}", "correct that line, or move the file away")
