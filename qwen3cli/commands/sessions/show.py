"""`sessions show`: a conversation as it was."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.sessions import opened_store
from qwen3cli.commands.sessions.forms import as_markdown
from qwen3cli.render.json_output import json_line
from qwen3cli.sessions.imports.own import document


def run_show(word: str, environment: Environment, *, thoughts: bool, json: bool) -> None:
    """Print it as Markdown, or as JSON with its receipts."""
    with opened_store(environment) as store:
        session = store.read(store.find(word))
    told = json_line(document([session])) if json else as_markdown(session, thoughts=thoughts)
    environment.stdout.put(told)
