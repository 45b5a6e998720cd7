"""`/schema`: answers held to a form, from here on."""

from dataclasses import replace

from qwen3cli.chat.state import Chat
from qwen3cli.turn.answer_format import schema_format

_OFF = ("off", "-", "none")


def schema(chat: Chat, argument: str) -> None:
    """Hold every answer to a schema, or stop that."""
    if argument in _OFF:
        chat.change_settings(replace(chat.settings, grammar=None))
    elif argument:
        chat.change_settings(replace(chat.settings, grammar=schema_format(argument).grammar))
    held = chat.settings.grammar is not None
    chat.say("answers are held to a schema; /schema off ends that" if held else "answers are free")
