"""Whether lines are edited as in vi, as readline's own settings file has it: programs with a line editor read that."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from qwen3cli.base.paths import home

_APPLICATION = "qwen3"
_SYSTEM_WIDE = Path("/etc/inputrc")


def says_vi(variables: Mapping[str, str]) -> bool:
    """Whether the last `set editing-mode` that is meant for us says vi."""
    mode = "emacs"
    for words in _settings(_lines(variables)):
        match words:
            case ["set", "editing-mode", value, *_]:
                mode = value
    return mode == "vi"


def _lines(variables: Mapping[str, str]) -> list[str]:
    """The lines of the first file that can be read, in readline's order."""
    named = variables.get("INPUTRC")
    for path in (Path(named) if named else home(variables) / ".inputrc", _SYSTEM_WIDE):
        with suppress(OSError):
            if path.is_file():
                return path.read_text(encoding="utf-8", errors="replace").splitlines()
    return []


def _settings(lines: Iterable[str]) -> Iterator[list[str]]:
    """The words of each line that is outside of `$if`, or inside one with our name."""
    meant = [True]
    for line in lines:
        words = line.lower().split()
        match words:
            case ["$if", *test]:
                meant.append(meant[-1] and test == [_APPLICATION])
            case ["$else", *_] if len(meant) > 1:
                meant[-1] = meant[-2] and not meant[-1]
            case ["$endif", *_] if len(meant) > 1:
                meant.pop()
            case _ if meant[-1]:
                yield words
