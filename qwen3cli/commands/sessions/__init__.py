"""What is done with the conversations that are kept, one file for a word; and the store, opened for them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from qwen3cli.base.environment import Environment
from qwen3cli.base.paths import sessions_folder
from qwen3cli.sessions.values import State

if TYPE_CHECKING:
    from qwen3cli.sessions.store import Store

_MARKS = {State.WHOLE: "", State.CUT: "cut short", State.UNFINISHED: "unfinished"}


@contextmanager
def opened_store(environment: Environment) -> Iterator["Store"]:
    """All conversations.

    Raises:
        StoreProblem: they cannot be read.
    """

    from qwen3cli.sessions.opening import open_store  # noqa: PLC0415 - loads SQLite

    def tell(text: str) -> None:
        environment.stderr.put(f"qwen3: {text}\n")

    with closing(open_store(sessions_folder(environment.variables), tell)) as store:
        yield store


def mark(state: State) -> str:
    """How a turn ended, where that is worth a word."""
    return _MARKS[state]
