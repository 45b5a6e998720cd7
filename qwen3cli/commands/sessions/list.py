"""`sessions list`: every conversation, the latest first."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import count_text, time_text
from qwen3cli.commands.sessions import mark, opened_store
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table


def run_list(environment: Environment, *, json: bool) -> None:
    """One line for each."""
    with opened_store(environment) as store:
        found = store.listed()
    if json:
        items = [
            {
                "id": each.head.key,
                "title": each.head.title,
                "named": each.head.named,
                "kind": each.head.kind.value,
                "created": each.head.created,
                "changed": each.head.changed,
                "turns": each.turns,
                "state": each.state.value,
                "model": each.head.settings.get("model"),
            }
            for each in found
        ]
        environment.stdout.put(as_json(items))
        return
    if not found:
        environment.stderr.put("No conversation is kept yet: qwen3 chat begins one.\n")
        return
    rows = [
        (
            each.head.key,
            time_text(each.head.changed),
            each.head.kind.value,
            count_text(each.turns),
            each.head.title,
            mark(each.state),
        )
        for each in found
    ]
    put_table(environment, ("id", "last", "from", "turns", "title", ""), rows, right=(3,))
    environment.stderr.put("Next: qwen3 sessions show ID, or qwen3 chat --session ID.\n")
