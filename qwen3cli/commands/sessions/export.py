"""`sessions export`: conversations as a file that others can read."""

import json
from collections.abc import Sequence
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.streams import encoded
from qwen3cli.base.whole_file import write_whole
from qwen3cli.commands.sessions import opened_store
from qwen3cli.commands.sessions.forms import Form, as_markdown
from qwen3cli.sessions.imports.own import document
from qwen3cli.sessions.values import Session


def run_export(
    words: Sequence[str],
    environment: Environment,
    *,
    form: Form | None,
    file: Path | None,
    thoughts: bool,
) -> None:
    """Print these conversations, or all, or write them to a file, in the form that it is named for.

    Raises:
        UsageProblem: there is no such conversation, the form has no room for several, or the file cannot be written.
    """
    form = form or _form_of(file)
    with opened_store(environment) as store:
        heads = [store.find(word) for word in words] or store.heads()
        sessions = [store.read(head) for head in heads]
    if form is not Form.JSON and len(sessions) != 1:
        raise UsageProblem(
            f"{form.value} has room for one conversation, and these are {len(sessions)}",
            "name one, or take --format json",
        )
    text = _text(sessions, form, thoughts=thoughts)
    if file is None:
        environment.stdout.put(text)
        return
    try:
        write_whole(file, encoded(text))
    except OSError as problem:
        raise UsageProblem(
            f"cannot write {file}: {problem.strerror}", "name another file"
        ) from None
    environment.stderr.put(f"qwen3: wrote {file}\n")


def _form_of(file: Path | None) -> Form:
    forms = {".json": Form.JSON, ".html": Form.HTML, ".htm": Form.HTML}
    return forms.get(file.suffix.lower(), Form.MARKDOWN) if file is not None else Form.MARKDOWN


def _text(sessions: Sequence[Session], form: Form, *, thoughts: bool) -> str:
    if form is Form.JSON:
        return json.dumps(document(list(sessions)), ensure_ascii=False, indent=2) + "\n"
    if form is Form.HTML:
        from qwen3cli.render.page.conversation import conversation_page  # noqa: PLC0415 - loads Jinja

        return conversation_page(sessions[0])
    return as_markdown(sessions[0], thoughts=thoughts)
