"""What was said so far, and the ways to take it back or take it along. Knows no model and no terminal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from qwen3cli.dialogue.messages import Message, Role

EXPORT_VERSION = 1


@dataclass(slots=True)
class Conversation:
    """A system message, and turns in order. A question without an answer is never kept."""

    system: str = ""
    messages: list[Message] = field(default_factory=list)

    def copy(self) -> "Conversation":
        """As it is now, to come back to."""
        return Conversation(self.system, list(self.messages))

    def messages_with(self, question: Message) -> list[Message]:
        """Everything the model reads to answer `question`; nothing is added yet."""
        return [*self._said(), question]

    def add(self, question: Message, *answers: Message) -> None:
        """Keep one exchange: the question, and the answer or, where tools were called, all that led to it."""
        self.messages += [question, *answers]

    @property
    def turns(self) -> int:
        """How many questions were asked."""
        return sum(each.role is Role.USER for each in self.messages)

    def undo(self) -> Message | None:
        """Forget the last exchange. Returns its question, or None if there was none."""
        while self.messages:
            message = self.messages.pop()
            if message.role is Role.USER:
                return message
        return None

    def last_answer(self) -> Message | None:
        """What the model said last."""
        said = (each for each in reversed(self.messages) if each.role is Role.ASSISTANT)
        return next(said, None)

    def clear(self) -> None:
        """Forget every exchange. The system message stays."""
        self.messages.clear()

    def as_markdown(self, facts: Mapping[str, str], *, thoughts: bool) -> str:
        """For people: the facts, then questions and answers under headings, thoughts quoted if they are wanted."""
        parts = ["\n".join(f"- {name}: {value}" for name, value in facts.items())]
        for message in self._said():
            parts.append(f"## {_HEADINGS[message.role]}")
            if thoughts and message.thinking:
                lines = ["*Thoughts:*", "", *message.thinking.strip().split("\n")]
                parts.append("\n".join(f"> {line}".rstrip() for line in lines))
            parts.append(message.text)
        return "\n\n".join(parts) + "\n"

    def as_json(self, facts: Mapping[str, str]) -> str:
        """For programs: everything, thoughts included."""
        messages = [each.for_template() for each in self._said()]
        said = {"version": EXPORT_VERSION, **facts, "messages": messages}
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"

    def _said(self) -> list[Message]:
        system = [Message(Role.SYSTEM, self.system)] if self.system else []
        return [*system, *self.messages]


_HEADINGS = {Role.USER: "You", Role.ASSISTANT: "Model", Role.SYSTEM: "System", Role.TOOL: "Tool"}
