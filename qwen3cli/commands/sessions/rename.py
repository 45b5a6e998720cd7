"""`sessions rename`: a name for a conversation."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.commands.sessions import opened_store


def run_rename(word: str, name: str, environment: Environment) -> None:
    """Give it the name, which no other has.

    Raises:
        UsageProblem: there is no such conversation, or the name is empty or taken.
    """
    if not name.strip():
        raise UsageProblem("a name has at least one character", "qwen3 sessions rename ID NAME")
    with opened_store(environment) as store:
        head = store.find(word)
        store.check_name_is_free(name)
        store.rename(head, name)
    environment.stdout.put(f"{head.key}: {name}\n")
