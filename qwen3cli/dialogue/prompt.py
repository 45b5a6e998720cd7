"""From messages to prompt text: what a file's template can do, and how to ask it.

Pure text work on top of a `render` function: rendering itself is `templates`, token ids are the engine's. What strangers
spell in it stays text (`literals`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import BadModelFile
from qwen3cli.dialogue.literals import ControlTexts, Literals, Segment
from qwen3cli.dialogue.markers import THINK_CLOSE, THINK_OPEN
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.switches import with_switches_kept

Render = Callable[[Sequence[Mapping[str, Any]]], list[str]]


class ThinkingSwitch(StrEnum):
    """What a model file lets the user choose."""

    HYBRID = "hybrid"  # thinks or answers at once, as told
    ALWAYS = "always"  # thinks first, whatever it is told
    NEVER = "never"  # answers at once


@dataclass(frozen=True, slots=True)
class Prompt:
    """The exact text, in order, and whether it ends inside a thinking block."""

    segments: Sequence[Segment]
    opened_thinking: bool

    @property
    def text(self) -> str:
        """The whole of it, as the model reads it."""
        return "".join(text for text, _ in self.segments)


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
        control_texts: ControlTexts = lambda _text: (),
    ) -> Prompt:
        """The text that asks for the next assistant message.

        `control_texts` names the control tokens spelled out in a text. In messages, tools and calls they are literal.

        Raises:
            BadModelFile: the template fails.
        """
        if thinking and self.switch is ThinkingSwitch.HYBRID:
            messages = with_switches_kept(messages)
        literals = Literals(control_texts)
        variables = self._variables(messages, thinking=thinking, tools=tools)
        guarded = {name: literals.guarded(variables[name]) for name in ("messages", "tools")}
        (text,) = self._render([variables | guarded])
        return Prompt(literals.segments(text), opened_thinking=_ends_open(text))

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
