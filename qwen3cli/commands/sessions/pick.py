"""One conversation of those that are kept, picked from a list in the terminal."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import Interrupted, UsageProblem
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import time_text
from qwen3cli.commands.sessions import mark, opened_store
from qwen3cli.sessions.store import Listed
from qwen3cli.sessions.values import Session

_SHOWN = 15  # with the question below them they fit a screen of 24 lines


def picked(environment: Environment) -> Session:
    """The conversation that the user picks, by its number in the list, its ID or its title. Any other text narrows the list.

    Raises:
        UsageProblem: there is no terminal to ask on, or nothing to pick from.
        Interrupted: none was wanted.
    """
    if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
        raise UsageProblem(
            "--pick needs a terminal", "--session ID takes one; qwen3 sessions lists them"
        )
    with opened_store(environment) as store:
        every = store.listed()
        if not every:
            raise UsageProblem("no conversation is kept yet", "qwen3 chat begins one")
        shown = every[:_SHOWN]
        while True:
            _put(environment, shown)
            word = _asked(environment)
            found = _meant(word, shown, every)
            if len(found) == 1:
                return store.read(found[0].head)
            if not found:
                environment.stderr.put(f"nothing is called {word}\n")
            shown = (found or every)[:_SHOWN]


def _put(environment: Environment, shown: list[Listed]) -> None:
    columns = environment.terminal_columns()
    for number, each in enumerate(shown, start=1):
        end = f" ({mark(each.state)})" if mark(each.state) else ""
        line = (
            f"{number:>2}  {each.head.key}  {time_text(each.head.changed)}  {each.head.title}{end}"
        )
        environment.stderr.put(f"{visible(line)[: columns - 1]}\n")


def _asked(environment: Environment) -> str:
    environment.stderr.put("Which one? A number, or a part of its title; Enter for none: ")
    word = environment.stdin.readline().decode("utf-8", "replace").strip()
    if not word:
        raise Interrupted("no conversation was picked")
    return word


def _meant(word: str, shown: list[Listed], every: list[Listed]) -> list[Listed]:
    if word.isdecimal():
        return shown[int(word) - 1 : int(word)] if int(word) else []
    exact = [each for each in every if word.lower() == each.head.key]
    return exact or [each for each in every if word.casefold() in each.head.title.casefold()]
