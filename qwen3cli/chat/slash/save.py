"""`/save`: the conversation as a file."""

from datetime import datetime

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.whole_file import write_whole
from qwen3cli.chat.mentions import path_of, plain
from qwen3cli.chat.slash.thinking import thinking_state
from qwen3cli.chat.state import Chat

_WITH_THOUGHTS = "+thoughts"


def save(chat: Chat, argument: str) -> None:
    """Write the conversation as Markdown, or as JSON where the name ends so. `!` in front of the name or behind it
    overwrites; without a name the time is one."""
    words = argument.strip()
    overwrite = words.startswith("!") or words.endswith("!")
    words = words.strip("!").strip()
    thoughts = words.endswith(_WITH_THOUGHTS)
    path = path_of(plain(words.removesuffix(_WITH_THOUGHTS).strip()) or _name_of_now())
    if path.exists() and not overwrite:
        raise UsageProblem(f"{path} exists already and is not touched", f"/save! {argument}")
    facts = _facts(chat)
    if path.suffix == ".json":
        text = chat.conversation.as_json(facts)
    else:
        text = chat.conversation.as_markdown(facts, thoughts=thoughts)
    try:
        write_whole(path, text.encode("utf-8", "replace"))
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from problem
    chat.saved = list(chat.conversation.messages)
    chat.say(f"saved {path}")


def _name_of_now() -> str:
    return f"qwen3-{datetime.now():%Y-%m-%d-%H%M%S}.md"


def _facts(chat: Chat) -> dict[str, str]:
    """What somebody who reads it later would want to know."""
    sampling = chat.options([]).sampling
    return {
        "model": f"{chat.current.choice.title} ({chat.current.loaded.model.facts.description})",
        "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}",
        "thinking": thinking_state(chat),
        "sampling": ", ".join(f"{name} {value:g}" for name, value in sampling.items()),
    }
