"""What may follow each command, read from Typer's, and words sorted by it."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

# A flag, with or without its value in the same word. Any other word that begins with a dash is text.
_FLAG = re.compile(r"(--[A-Za-z][\w-]*)(?:=.*)?|(-[A-Za-z])(?:\S.*)?", re.DOTALL)
_PLAIN_WORD = re.compile(r"[\w@%+=:,./-]+")
_SHOWN_CHARACTERS = 100  # of one word, in a command that is told


@dataclass(frozen=True, slots=True)
class Syntax:
    """What may follow a command: commands of its own, flags with a value, and flags without."""

    commands: Mapping[str, "Syntax"] = field(default_factory=dict)
    valued: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset({"-h", "--help"})

    @property
    def flags(self) -> frozenset[str]:
        """Every flag."""
        return self.valued | self.switches

    def with_all_flags(self) -> "Syntax":
        """The same with the flags of every command below."""
        below = [each.with_all_flags() for each in self.commands.values()]
        return Syntax(
            self.commands,
            self.valued.union(*(each.valued for each in below)),
            self.switches.union(*(each.switches for each in below)),
        )


def syntax_of(command: Any) -> Syntax:
    """The syntax of a command of Typer's."""
    options = [each for each in command.params if each.param_type_name == "option"]
    names = {
        is_flag: frozenset(
            name
            for each in options
            if each.is_flag is is_flag
            for name in (*each.opts, *each.secondary_opts)
        )
        for is_flag in (True, False)
    }
    below = {name: syntax_of(each) for name, each in getattr(command, "commands", {}).items()}
    return Syntax(below, names[False], Syntax().switches | names[True])


class Line:
    """Words sorted: flags with their values, and the others. `strange` is the first that begins with a dash and is no
    flag."""

    def __init__(self, words: Iterable[str], syntax: Syntax) -> None:
        self.flags: list[str] = []
        self.names: set[str] = set()
        self.others: list[str] = []
        self.strange: str | None = None
        rest = iter(words)
        for word in rest:
            match = _FLAG.fullmatch(word)
            name = (
                (match.group(1) or match.group(2)) if match else word
            )  # a digit is a flag if it is known
            if word == "--":
                self.others += rest
            elif name in syntax.flags:
                value_follows = name in syntax.valued and name == word
                self.flags += [word, *islice(rest, int(value_follows))]
                self.names.add(name)
            else:
                if word.startswith("-") and word != "-":
                    self.strange = self.strange or word
                self.others.append(word)

    def behind(self, *command: str) -> list[str]:
        """The words again, behind a command, with no text taken for a flag."""
        dashes = ["--"] if any(each.startswith("-") and each != "-" for each in self.others) else []
        return [*command, *self.flags, *dashes, *self.others]


def is_flag(word: str) -> bool:
    """Whether a word has the form of a flag."""
    return _FLAG.fullmatch(word) is not None


def typed(words: Iterable[str]) -> str:
    """A command line as it is typed, long words cut short."""
    return " ".join(["qwen3", *map(_quoted, words)])


def _quoted(word: str) -> str:
    if len(word) > _SHOWN_CHARACTERS:
        word = f"{word[:_SHOWN_CHARACTERS]}..."
    if _PLAIN_WORD.fullmatch(word):
        return word
    return shlex.quote(word) if set(word) & set('"$`\\!') else f'"{word}"'
