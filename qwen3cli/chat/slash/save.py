"""`/save`: the conversation as a file."""

from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.state import Chat


def save(chat: Chat, argument: str) -> None:
    """Write the conversation as Markdown, or as JSON where the name ends so."""
    if not argument:
        raise UsageProblem(
            "/save needs a file", "/save talk.md, or /save talk.json with the thoughts"
        )
    path = Path(argument).expanduser()
    if path.exists():
        raise UsageProblem(f"{path} exists already and is not touched", "choose another name")
    text = (
        chat.conversation.as_json() if path.suffix == ".json" else chat.conversation.as_markdown()
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from problem
    chat.say(f"saved {path}")
