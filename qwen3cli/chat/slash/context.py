"""`/context`: what the context would hold for the next message, by what it is."""

from dataclasses import replace

from qwen3cli.base.units import count_text
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import ContextUse
from qwen3cli.dialogue.messages import Message, Role


def context(chat: Chat, _argument: str) -> None:
    """Count the system message, tools, each file, what was said, thoughts, and what is free."""
    next_message = Message(Role.USER, "", documents=tuple(chat.attachments))
    messages = chat.conversation.messages_with(next_message)
    without_thoughts = [replace(each, thinking="") for each in messages]
    use, bare = (_use(chat, each) for each in (messages, without_thoughts))
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
    if not thinking and any(each.thinking for each in messages):
        chat.say("thoughts of earlier answers are left out of the next prompt")


def _use(chat: Chat, messages: list[Message]) -> ContextUse:
    return chat.current.loaded.context_use(messages, chat.options(messages), NoControl())
