"""`sessions rm`: conversations forgotten."""

from collections.abc import Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.commands.sessions import opened_store


def run_remove(words: Sequence[str], environment: Environment) -> None:
    """Forget them all, or none if one of them cannot be found."""
    with opened_store(environment) as store:
        for head in [store.find(word) for word in words]:
            store.remove(head)
            environment.stdout.put(f"{head.key}: forgotten ({head.title})\n")
