"""The user's own editor, for a message that is too much for a line."""

import tempfile
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.user_editor import edit_file, editor_command


def edit_text(text: str, environment: Environment) -> str:
    """The text as the user leaves it.

    Raises:
        UsageProblem: the editor cannot be started, or failed; or it left nothing that can be read.
    """
    command = editor_command(environment, "type the message in the line")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "message.md"
        draft.write_text(text, encoding="utf-8", errors="replace")
        edit_file(command, draft)
        try:
            edited = draft.read_text(encoding="utf-8", errors="replace")
        except OSError as problem:
            raise UsageProblem(f"cannot read what {command[0]} left: {problem.strerror}") from None
    return edited.removesuffix("\n")
