"""Qwen3's soft switches: `/think` and `/no_think` in what is said. The models follow the last one they read.

A switch counts where a person typed it, in a message or in the system message. What goes with a message, a document, piped
text or a tool's result, may mention one and must not switch anything: behind it the choice that holds is said once
more, since the model would follow the mention.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qwen3cli.dialogue.messages import Document, Message, Role

# They work glued to other text; the documentation spells the second one both ways.
_SWITCH = re.compile(r"/(no_?)?think\b")
_ON, _OFF = Document("", "/think"), Document("", "/no_think")


def no_think_typed(messages: Sequence[Message]) -> bool:
    """Whether the last switch that was typed is `/no_think`."""
    return bool(_last(part for message in messages for part in _typed(message)))


def with_switches_kept(messages: Sequence[Message]) -> list[Message]:
    """The messages so that, wherever one brings a switch that nobody typed, the typed one (or none: `/think`) follows."""
    kept, off = [], False
    for message in messages:
        typed = _last(_typed(message))
        off = off if typed is None else typed
        brought = _last(_brought(message))
        if brought not in (None, off):
            said_again = _OFF if off else _ON
            message = replace(message, documents=(*message.documents, said_again))
        kept.append(message)
    return kept


def _typed(message: Message) -> list[str]:
    return [message.content] if message.role in (Role.USER, Role.SYSTEM) else []


def _brought(message: Message) -> list[str]:
    result = [message.content] if message.role is Role.TOOL else []
    return [*result, *(document.as_block() for document in message.documents)]


def _last(texts: Iterable[str]) -> bool | None:
    """Whether the last switch in the texts is `/no_think`; None if there is none."""
    switches = [switch for text in texts for switch in _SWITCH.findall(text)]
    return bool(switches[-1]) if switches else None
