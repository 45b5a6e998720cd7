"""`/system`, `/edit`, `/regen`, `/undo` and `/clear`: what was said, said again, taken back."""

from collections.abc import Sequence

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.blocks import valid
from qwen3cli.chat.slash.set import with_value
from qwen3cli.chat.slash.thinking import with_thinking
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Message
from qwen3cli.turn.settings import TurnSettings


def system(chat: Chat, argument: str) -> None:
    """Set the system message, `-` for none; alone: show it."""
    if argument:
        chat.conversation.system = "" if argument == "-" else valid(argument)
    chat.say(f"system: {chat.conversation.system or '(none)'}")


def edit(chat: Chat, argument: str) -> Message | None:
    """Write a message in the user's editor."""
    edited = chat.edit(argument)
    if edited is None:
        chat.say("nothing was sent")
        return None
    return chat.message(edited)


def regen(chat: Chat, argument: str) -> Message:
    """Answer the last question again; with other settings, if some are named, for this once."""
    once = _changed(chat, argument.replace("=", " ").split())
    question = chat.conversation.undo()
    if question is None:
        raise UsageProblem("there is no answer yet to do again")
    chat.once = once
    return question


def _changed(chat: Chat, words: Sequence[str]) -> TurnSettings:
    """The chat's settings with these names and values.

    Raises:
        UsageProblem: that they cannot be.
    """
    settings = chat.settings
    if len(words) % 2:
        raise UsageProblem("/regen takes names with their values", "/regen temperature 1 think off")
    for name, value in zip(words[::2], words[1::2], strict=True):
        settings = (
            with_thinking(settings, value) if name == "think" else with_value(settings, name, value)
        )
    chat.options([], settings)
    return settings


def go_on(chat: Chat, _argument: str) -> Message:
    """Let the model go on with its last answer, from its last word."""
    answer = chat.conversation.last_answer()
    if answer is None or not answer.content:
        raise UsageProblem("there is no answer yet to go on with")
    if chat.settings.grammar is not None:
        raise UsageProblem("an answer that is held to a schema cannot be gone on with", "/regen")
    question = chat.conversation.undo()
    assert question is not None
    chat.begun = answer
    return question


def undo(chat: Chat, _argument: str) -> None:
    """Forget the last exchange."""
    question = chat.conversation.undo()
    if question is None:
        raise UsageProblem("there is nothing to take back")
    chat.record.drop_turns(chat.conversation.turns)
    chat.draft = chat.line(question)
    chat.say("the last exchange is forgotten; its question stands in the line, Ctrl-C clears it")


def clear(chat: Chat, _argument: str) -> None:
    """Begin a new conversation."""
    chat.conversation.clear()
    chat.record.leave()
    chat.attachments.clear()
    chat.say("a new conversation begins; the system message stays")
