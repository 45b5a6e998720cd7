"""`sessions rm`: conversations forgotten."""

from collections.abc import Sequence
from contextlib import suppress

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import sessions_folder
from qwen3cli.commands.sessions import opened_store
from qwen3cli.sessions.journal import Journal, SessionBusy


def run_remove(words: Sequence[str], environment: Environment) -> None:
    """Forget them all, or none if one of them cannot be found.

    Raises:
        UsageProblem: there is none of that name, or another process is in it.
    """
    with opened_store(environment) as store:
        for head in [store.find(word) for word in words]:
            _check_nobody_is_in(head.key, environment)
            store.remove(head)
            environment.stdout.put(f"{head.key}: forgotten ({head.title})\n")


def _check_nobody_is_in(key: str, environment: Environment) -> None:
    with suppress(OSError):  # the store itself will say what is wrong
        try:
            Journal.open(sessions_folder(environment.variables), key).close()
        except SessionBusy:
            raise UsageProblem(
                f"conversation {key} is open in another process", "leave it there first"
            ) from None
