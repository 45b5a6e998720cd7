"""What came of one way, as a value, and the figures that every form of the comparison shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qwen3cli.base.units import bytes_text, rate_text, seconds_text
from qwen3cli.commands.compare.ways import Way
from qwen3cli.dialogue.events import TurnDone
from qwen3cli.dialogue.messages import Message

HEADINGS = ("way", "time", "thinking", "answer", "tok/s", "memory")
RIGHT_COLUMNS = tuple(range(1, len(HEADINGS)))


@dataclass(frozen=True, slots=True)
class Result:
    """One way's answer. `seconds` from the question to the last token; `memory_bytes` by the plan it was loaded by."""

    label: str
    way: Way
    message: Message
    done: TurnDone
    seconds: float
    memory_bytes: int

    @property
    def figures(self) -> str:
        """Time and tokens in one line."""
        usage = self.done.usage
        tokens = usage.thinking_tokens + usage.answer_tokens
        speed = rate_text(self.done.timings.decode_tokens_per_second)
        return f"{seconds_text(self.seconds)}, {tokens:,} tokens, {speed}"

    def row(self) -> tuple[str, ...]:
        """The cells below `HEADINGS`."""
        usage = self.done.usage
        return (
            self.label,
            seconds_text(self.seconds),
            f"{usage.thinking_tokens:,}",
            f"{usage.answer_tokens:,}",
            f"{self.done.timings.decode_tokens_per_second:,.1f}",
            bytes_text(self.memory_bytes),
        )

    def as_json(self) -> Mapping[str, Any]:
        """The result as `compare --json` prints it."""
        done = self.done
        return {
            "way": self.label,
            "model": self.way.choice.title,
            "think": self.way.think,
            "budget": self.way.budget_tokens,
            "temperature": self.way.temperature,
            "answer": self.message.content,
            "thinking": self.message.thinking,
            "finish_reason": done.finish.value,
            "usage": asdict(done.usage),
            "seed": done.seed,
            "seconds": round(self.seconds, 3),
            "tokens_per_second": round(done.timings.decode_tokens_per_second, 2),
            "memory_bytes": self.memory_bytes,
        }
