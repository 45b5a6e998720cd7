"""`sessions fork`: a copy of a conversation, to go on another way."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.sessions import opened_store


def run_fork(word: str, turns: int | None, environment: Environment) -> None:
    """Copy it and print what the copy is called."""
    with opened_store(environment) as store:
        copy = store.fork(store.find(word), turns)
    environment.stdout.put(f"{copy.key}\n")
    environment.stderr.put(f"Next: qwen3 chat --session {copy.key}\n")
