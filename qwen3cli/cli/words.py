"""The words of a command line, before Typer reads them: other tools' words, mistypes, a prompt without a command.

A word that means one thing simply works. One that means two, or nothing, is refused with the whole command to type.
"""

import difflib
from collections.abc import Mapping, Sequence

from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.cli.file_parts import with_parts_joined
from qwen3cli.cli.syntax import Line, Syntax, is_flag, typed
from qwen3cli.documents.pictures import NO_PICTURES

# Other tools' words for the same things: behind `qwen3`, and behind its commands that have some of their own.
_SAME = {
    "list": ["models", "list"],
    "ls": ["models", "list"],
    "show": ["models", "show"],
    "rm": ["models", "rm"],
    "remove": ["models", "rm"],
    "verify": ["models", "verify"],
    "download": ["pull"],
    "get": ["pull"],
    "version": ["--version"],
    "-V": ["--version"],
}
_SAME_BELOW = {"ls": ["list"], "remove": ["rm"]}
_WITH_PROMPT = ("ask", "chat", "map")
_PICTURES = ("--image", "--images", "--img", "--mmproj")


class CommandLine:
    """The whole command line, as Typer can read it."""

    def __init__(self, root: Syntax, variables: Mapping[str, str]) -> None:
        self._root = root
        self._variables = variables

    def read(
        self, words: Sequence[str], syntax: Syntax | None = None, path: tuple[str, ...] = ()
    ) -> list[str]:
        """The words behind the commands of `path`.

        Raises:
            UsageProblem: they have two meanings, or none.
        """
        syntax = syntax or self._root
        if not syntax.commands:
            self._check_flags(words, syntax, path)
            return with_parts_joined(words, syntax)
        if not words or words[0] in syntax.switches:
            return list(words)
        first, rest = words[0], words[1:]
        if first in syntax.commands:
            return [first, *self.read(rest, syntax.commands[first], (*path, first))]
        same = (_SAME_BELOW if path else _SAME).get(first)
        if same and same[0] in {*syntax.commands, *syntax.switches}:
            return self.read([*same, *rest], syntax, path)
        if first == "help":
            return [*self._helped(rest, syntax, path), "--help"]
        if path:
            raise self._unknown_below(words, syntax, path)
        return self._without_command(words)

    def _check_flags(self, words: Sequence[str], syntax: Syntax, path: tuple[str, ...]) -> None:
        """Whether every word that begins with a dash is a flag, or stands behind `--`."""
        line = Line(words, syntax)
        strange = line.strange
        if strange is None or line.names & Syntax().switches:
            return
        name, *value = strange.partition("=")
        if path[-1] in _WITH_PROMPT:
            _refuse_pictures(name)
        near = difflib.get_close_matches(name, syntax.flags, n=1)
        whole = typed(line.behind(*path))
        if path[-1] in _WITH_PROMPT and not is_flag(strange):
            raise UsageProblem("a prompt that begins with a dash stands behind --", whole)
        if near:
            right = ["".join((near[0], *value)) if word == strange else word for word in words]
            hint = typed([*path, *right])
        elif path[-1] in _WITH_PROMPT:
            hint = f"qwen3 {path[-1]} --help; or, if it is part of the prompt: {whole}"
        else:
            hint = f"{typed(path)} --help"
        raise UsageProblem(f"no such flag: {name}", hint)

    def _helped(self, words: Sequence[str], syntax: Syntax, path: tuple[str, ...]) -> list[str]:
        """The command that help is wanted for."""
        if words and words[0] not in {*syntax.commands, *(_SAME_BELOW if path else _SAME)}:
            near = difflib.get_close_matches(words[0], syntax.commands, n=1)
            raise UsageProblem(f"no such command: {words[0]}", typed([*path, *near, "--help"]))
        return self.read(words, syntax, path)

    def _without_command(self, words: Sequence[str]) -> list[str]:
        first = words[0]
        if first == "run":
            raise UsageProblem("no such command: run", typed(self._with_model(words[1:])))
        if _is_text(first) and not self._is_model(first):
            return self.read(["ask", *words])
        if first.startswith("-"):
            return self._flags_first(words)
        raise self._unknown(words)

    def _flags_first(self, words: Sequence[str]) -> list[str]:
        """`qwen3 --size 8b ...`: the command may follow, or a text that can only be a prompt."""
        end = words.index("--") if "--" in words else len(words)
        every = self._root.with_all_flags()
        line = Line(words[:end], every)
        if line.strange is not None:
            name = line.strange.partition("=")[0]
            _refuse_pictures(name)
            raise UsageProblem(
                f"no such flag: {name}{did_you_mean(name, every.flags)}", "qwen3 --help"
            )
        if line.others and line.others[0] in {*self._root.commands, *_SAME, "help"}:
            return self.read([*line.others, *line.flags, *words[end:]])
        if any(map(_is_text, [*line.others, *words[end:]])):
            return self.read(["ask", *words])
        order = dict.fromkeys(("ask" if line.others else "chat", *self._root.commands))
        fitting = (name for name in order if line.names <= self._root.commands[name].flags)
        raise UsageProblem("no command is named", typed([next(fitting, "ask"), *words]))

    def _unknown(self, words: Sequence[str]) -> UsageProblem:
        first, *rest = words
        near = difflib.get_close_matches(first.lower(), self._root.commands, n=1)
        if self._is_model(first):
            hint = typed(self._with_model(words))
        elif near and rest:
            hint = f"{typed([near[0], *rest])}; or, as a prompt: {typed(['ask', *words])}"
        elif near:
            hint = typed(near)
        else:
            hint = f"{typed(['ask', *words])}; qwen3 --help lists the commands"
        return UsageProblem(f"no such command: {first}", hint)

    def _unknown_below(
        self, words: Sequence[str], syntax: Syntax, path: tuple[str, ...]
    ) -> UsageProblem:
        first, *rest = words
        near = difflib.get_close_matches(first.lower(), syntax.commands, n=1)
        hint = typed([*path, *near, *rest]) if near else f"{typed(path)} --help"
        if path == ("models",) and not near and self._is_model(first):
            hint = typed([*path, "show", *words])
        return UsageProblem(f"no such command: {' '.join(path)} {first}", hint)

    def _with_model(self, words: Sequence[str]) -> list[str]:
        """`ollama run`'s words: a model first, and a prompt if it is not for a talk."""
        line = Line(words, self._root.commands["ask"])
        if line.others and (not _is_text(line.others[0]) or self._is_model(line.others[0])):
            line.flags[:0] = ["--size", line.others.pop(0)]
        return line.behind("ask" if line.others else "chat")

    def _is_model(self, word: str) -> bool:
        from qwen3cli.models.catalogue_file import read_catalogue
        from qwen3cli.models.choice import is_demo
        from qwen3cli.models.names import read_name

        if is_demo(word) or word.lower().endswith(".gguf"):
            return True
        try:
            read_name(word, read_catalogue(self._variables))
        except QwenError:
            return False
        return True


def _refuse_pictures(flag: str) -> None:
    if flag in _PICTURES:
        raise UsageProblem(f"{flag}: {NO_PICTURES}", "-f FILE gives a text or a document")


def _is_text(word: str) -> bool:
    """Whether a word can be neither a command nor a flag."""
    return not word.isascii() or word in ("", "-", "--") or any(map(str.isspace, word))
