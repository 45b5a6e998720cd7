"""`/context`: what the context would hold for the next message, by what it is."""

from qwen3cli.base.units import count_text
from qwen3cli.chat.state import Chat


def context(chat: Chat, _argument: str) -> None:
    """Count the system message, tools, each file, what was said, thoughts, and what is free."""
    use, bare = chat.context_use(), chat.context_use(thoughts=False)
    thinking = use.used - bare.used
    rows = [
        ("system", use.system),
        ("tools", use.tools),
        *use.files,
        ("history", use.history + use.prompt - thinking),
        ("thinking", thinking),
        ("free", use.free),
    ]
    width = max(len(name) for name, _ in rows)
    for name, tokens in rows:
        chat.say(f"{name:{width}}  {count_text(tokens):>9}")
    chat.say(f"of {count_text(use.limit)} tokens")
    if not thinking and any(each.thinking for each in chat.conversation.messages):
        chat.say("thoughts of earlier answers are left out of the next prompt")
