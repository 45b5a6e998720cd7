"""From messages to prompt text: what a file's template can do, and how to ask it.

Pure text work on top of a `render` function: rendering itself is `templates`, token ids are the engine's.
Also the guard against forged turns: a message that spells a control token (`<|im_end|>`) must reach the model as those
characters. Such texts are wrapped in two marks that no one types, and the prompt is cut at them before tokenizing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import BadModelFile
from qwen3cli.dialogue.markers import THINK_CLOSE, THINK_OPEN
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.switches import with_switches_kept

Render = Callable[[Sequence[Mapping[str, Any]]], list[str]]

# Private-use characters, removed from every message before they get this meaning.
_LITERAL_BEGIN, _LITERAL_END = "\uf8f0", "\uf8f1"
_LITERAL = re.compile(f"{_LITERAL_BEGIN}(.*?){_LITERAL_END}", re.DOTALL)


class ThinkingSwitch(StrEnum):
    """What a model file lets the user choose."""

    HYBRID = "hybrid"  # thinks or answers at once, as told
    ALWAYS = "always"  # thinks first, whatever it is told
    NEVER = "never"  # answers at once


@dataclass(frozen=True, slots=True)
class Prompt:
    """The exact text, and whether it ends inside a thinking block."""

    text: str
    opened_thinking: bool

    def segments(self) -> Iterator[tuple[str, bool]]:
        """The text in order as (part, whether control tokens count in it)."""
        position = 0
        for match in _LITERAL.finditer(self.text):
            yield self.text[position : match.start()], True
            yield match.group(1), False
            position = match.end()
        yield self.text[position:], True

    def shown(self) -> str:
        """The text without our marks, as the model reads it."""
        return self.text.replace(_LITERAL_BEGIN, "").replace(_LITERAL_END, "")


class ChatTemplate:
    """One file's template and what it can do."""

    def __init__(self, render: Render, bos_text: str = "", eos_text: str = "") -> None:
        """Probe the template with one small question, both ways.

        Raises:
            BadModelFile: the template fails even on that.
        """
        self._render = render
        self._specials = {"bos_token": bos_text, "eos_token": eos_text}
        probe = [Message(Role.USER, "?")]
        on, off = render(
            [self._variables(probe, thinking=True), self._variables(probe, thinking=False)]
        )
        if "?" not in on:
            raise BadModelFile(
                "this file's chat template drops what the user says",
                "take another GGUF of this model; its own publisher's is the safest",
            )
        self.switch = _switch(on, off)

    def prompt(
        self,
        messages: Sequence[Message],
        *,
        thinking: bool,
        tools: Sequence[Mapping[str, Any]] = (),
        control_texts: Callable[[str], Sequence[str]] = lambda _text: (),
    ) -> Prompt:
        """The text that asks for the next assistant message.

        `control_texts` names the control tokens spelled out in a text; those are made literal.

        Raises:
            BadModelFile: the template fails.
        """
        if thinking and self.switch is ThinkingSwitch.HYBRID:
            messages = with_switches_kept(messages)
        safe = [_made_literal(message, control_texts) for message in messages]
        (text,) = self._render([self._variables(safe, thinking=thinking, tools=tools)])
        return Prompt(text, opened_thinking=_ends_open(text))

    def _variables(
        self,
        messages: Sequence[Message],
        *,
        thinking: bool,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        variables: dict[str, Any] = {
            "messages": [message.for_template() for message in messages],
            "add_generation_prompt": True,
            "enable_thinking": thinking,
            "tools": list(tools) or None,
            "documents": None,
            **self._specials,
        }
        return variables


def _switch(on: str, off: str) -> ThinkingSwitch:
    if on != off:
        return ThinkingSwitch.HYBRID
    return ThinkingSwitch.ALWAYS if _ends_open(on) else ThinkingSwitch.NEVER


def _ends_open(text: str) -> bool:
    return text.rfind(THINK_OPEN) > text.rfind(THINK_CLOSE) and text.rstrip().endswith(THINK_OPEN)


def _made_literal(message: Message, control_texts: Callable[[str], Sequence[str]]) -> Message:
    """The message with every control token it spells wrapped as literal text."""
    return replace(
        message,
        content=_literal(message.text, control_texts),
        documents=(),
        thinking=_literal(message.thinking, control_texts),
    )


def _literal(text: str, control_texts: Callable[[str], Sequence[str]]) -> str:
    text = text.replace(_LITERAL_BEGIN, "").replace(_LITERAL_END, "")
    found = sorted(set(control_texts(text)), key=len, reverse=True)
    if not found:
        return text
    spelled = re.compile("|".join(map(re.escape, found)))
    return spelled.sub(lambda match: f"{_LITERAL_BEGIN}{match.group()}{_LITERAL_END}", text)
