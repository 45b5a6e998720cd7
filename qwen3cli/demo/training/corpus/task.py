"""What a task hands over: a question, the thoughts that lead to the answer, and the answer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer. `tools` are offered; `after` are messages between the question and the answer."""

    question: str
    thoughts: str
    answer: str
    tools: tuple[dict[str, Any], ...] = ()
    after: tuple[dict[str, Any], ...] = ()
