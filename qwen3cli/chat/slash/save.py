"""`/save`: the conversation as a file."""

from datetime import datetime
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import user_path
from qwen3cli.base.whole_file import write_whole
from qwen3cli.chat.mentions import plain
from qwen3cli.chat.slash.thinking import thinking_state
from qwen3cli.chat.state import Chat

_WITH_THOUGHTS = "+thoughts"


def save(chat: Chat, argument: str) -> None:
    """Write the conversation as Markdown, or as JSON where the name ends so. `!` in front of the name or behind it
    overwrites; without a name the time is one."""
    thoughts = argument.rstrip("! ").endswith(_WITH_THOUGHTS)
    path = new_path(argument.replace(_WITH_THOUGHTS, ""), name_of_now(".md"), "/save!")
    facts = _facts(chat)
    if path.suffix == ".json":
        text = chat.conversation.as_json(facts)
    else:
        text = chat.conversation.as_markdown(facts, thoughts=thoughts)
    write_file(path, text)
    chat.saved = list(chat.conversation.messages)
    chat.say(f"saved {path}")


def new_path(argument: str, otherwise: str, overwriting: str) -> Path:
    """The file that is named, or `otherwise`. `!` in front of the name or behind it lets it be one that exists.

    Raises:
        UsageProblem: it exists; `overwriting` is the command that overwrites it.
    """
    words = argument.strip()
    overwrite = words.startswith("!") or words.endswith("!")
    name = words.strip("!").strip()
    path = user_path(plain(name) or otherwise)
    if path.exists() and not overwrite:
        raise UsageProblem(f"{path} exists already and is not touched", f"{overwriting} {name}")
    return path


def name_of_now(suffix: str) -> str:
    """A name that no other file has, unless it was made in the same second."""
    return f"qwen3-{datetime.now():%Y-%m-%d-%H%M%S}{suffix}"


def _facts(chat: Chat) -> dict[str, str]:
    """What somebody who reads it later would want to know."""
    sampling = chat.options([]).sampling
    return {
        "model": f"{chat.current.choice.title} ({chat.current.loaded.model.facts.description})",
        "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}",
        "thinking": thinking_state(chat),
        "sampling": ", ".join(f"{name} {value:g}" for name, value in sampling.items()),
    }


def write_file(path: Path, text: str) -> None:
    """Write the file, or leave it as it is.

    Raises:
        UsageProblem: it cannot be written.
    """
    try:
        write_whole(path, text.encode("utf-8", "replace"))
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from problem
