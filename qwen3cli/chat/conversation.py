"""What was said so far, and the ways to take it back or take it along. Knows no model and no terminal."""

import json
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

    def add(self, question: Message, answer: Message) -> None:
        """Keep one exchange."""
        self.messages += [question, answer]

    def undo(self) -> Message | None:
        """Forget the last exchange. Returns its question, or None if there was none."""
        while self.messages:
            message = self.messages.pop()
            if message.role is Role.USER:
                return message
        return None

    def last_answer(self) -> Message | None:
        """What the model said last."""
        return self.messages[-1] if self.messages else None

    def clear(self) -> None:
        """Forget every exchange. The system message stays."""
        self.messages.clear()

    def as_markdown(self) -> str:
        """For people: questions and answers under headings, thoughts left out."""
        parts = [f"**System:** {self.system}"] if self.system else []
        parts += [f"## {_HEADINGS[message.role]}\n\n{message.text}" for message in self.messages]
        return "\n\n".join(parts) + "\n"

    def as_json(self) -> str:
        """For programs: everything, thoughts included."""
        said = {
            "version": EXPORT_VERSION,
            "messages": [each.for_template() for each in self._said()],
        }
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"

    def _said(self) -> list[Message]:
        system = [Message(Role.SYSTEM, self.system)] if self.system else []
        return [*system, *self.messages]


_HEADINGS = {Role.USER: "You", Role.ASSISTANT: "Model", Role.SYSTEM: "System", Role.TOOL: "Tool"}
