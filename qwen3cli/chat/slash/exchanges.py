"""`/system`, `/edit`, `/regen`, `/undo` and `/clear`: what was said, said again, taken back."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Message


def system(chat: Chat, argument: str) -> None:
    """Set the system message, `-` for none; alone: show it."""
    if argument:
        chat.conversation.system = "" if argument == "-" else argument
    chat.say(f"system: {chat.conversation.system or '(none)'}")


def edit(chat: Chat, argument: str) -> Message | None:
    """Write a message in the user's editor."""
    variables = chat.environment.variables
    editor = (
        variables.get("VISUAL")
        or variables.get("EDITOR")
        or ("notepad" if os.name == "nt" else "vi")
    )
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "message.md"
        draft.write_text(argument, encoding="utf-8")
        try:
            status = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
        except OSError as problem:
            raise UsageProblem(
                f"cannot start {editor}: {problem.strerror}", "set EDITOR to your editor"
            ) from problem
        text = draft.read_text(encoding="utf-8", errors="replace").strip()
    if status != 0 or not text:
        chat.say("nothing was sent")
        return None
    return chat.message(text)


def regen(chat: Chat, _argument: str) -> Message:
    """Answer the last question again."""
    question = chat.conversation.undo()
    if question is None:
        raise UsageProblem("there is no answer yet to do again")
    return question


def undo(chat: Chat, _argument: str) -> None:
    """Forget the last exchange."""
    question = chat.conversation.undo()
    if question is None:
        raise UsageProblem("there is nothing to take back")
    chat.draft = question.content if "\n" not in question.content else ""
    kept = "; its question stands in the line, Ctrl-C clears it" if chat.draft else ""
    chat.say(f"the last exchange is forgotten{kept}")


def clear(chat: Chat, _argument: str) -> None:
    """Forget every exchange."""
    chat.conversation.clear()
    chat.attachments.clear()
    chat.say("the conversation is forgotten; the system message stays")
