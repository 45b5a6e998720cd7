"""`sessions show`: a conversation as it was."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.sessions import opened_store
from qwen3cli.commands.sessions.forms import as_markdown, session_json
from qwen3cli.render.json_output import as_json


def run_show(word: str, environment: Environment, *, json: bool) -> None:
    """Print it as Markdown, or as JSON with its receipts."""
    with opened_store(environment) as store:
        session = store.read(store.find(word))
    told = as_json(session_json(session)) if json else as_markdown(session)
    environment.stdout.put(told)
