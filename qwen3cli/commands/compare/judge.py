"""`--judge`: another model says which of two answers is the better one, in both orders, since models favour a place.

A pair's verdict holds where both orders agree; where they do not, it is a tie, and that is told.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations

from qwen3cli.base.environment import Environment
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.commands.compare.results import Result
from qwen3cli.commands.compare.ways import Candidate, Way, candidates
from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.engine.grammar import schema_grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import assistant_message

HEADINGS = ("judged", "better", "by order")
_FIRST, _SECOND, _TIE = "first", "second", "tie"
_VERDICT = {
    "type": "object",
    "properties": {"better": {"enum": [_FIRST, _SECOND, _TIE]}},
    "required": ["better"],
    "additionalProperties": False,
}
_SYSTEM = (
    "You compare two answers to one question. Judge only whether they are right, complete and clear; length and order count"
    ' for nothing. Answer as JSON: {"better": "first"}, {"better": "second"} or {"better": "tie"}.'
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two ways and what the judge said of them in either order, as the way's label, or None for a tie."""

    left: str
    right: str
    in_order: str | None
    reversed: str | None

    @property
    def better(self) -> str | None:
        """The better one; None: a tie, or the orders disagree."""
        return self.in_order if self.agrees else None

    @property
    def agrees(self) -> bool:
        """Whether both orders said the same."""
        return self.in_order == self.reversed

    def row(self) -> tuple[str, str, str]:
        """The cells below `HEADINGS`."""
        orders = (
            "both agree" if self.agrees else f"{_told(self.in_order)}, then {_told(self.reversed)}"
        )
        return f"{self.left} / {self.right}", _told(self.better), orders


def orders_text(judgements: Sequence[Judgement]) -> str:
    """How far the judge can be relied on, as a line."""
    disagreed = sum(not each.agrees for each in judgements)
    return f"the orders disagreed on {disagreed} of {len(judgements)}"


def _told(way: str | None) -> str:
    return way or "a tie"


def judged(
    judge: Choice,
    question: str,
    results: Sequence[Result],
    options: LoadOptions,
    environment: Environment,
    interrupts: Interrupts,
) -> Iterator[Judgement]:
    """Every pair of answers, judged in both orders.

    Raises:
        QwenError: the judge cannot be loaded, or cannot read the answers.
    """
    ready = candidates(
        [Way(judge, temperature=0.0)], TurnSettings(), options, environment, interrupts
    )
    with closing(ready):
        judging = next(ready)
        for left, right in combinations(results, 2):
            first = _better(judging, question, left, right)
            second = _better(judging, question, right, left)
            if interrupts.should_stop():
                return
            yield Judgement(left.label, right.label, first, second)


def _better(judging: Candidate, question: str, first: Result, second: Result) -> str | None:
    asked = Message(
        Role.USER,
        f"Which answer to this question is better?\n\n{question}",
        documents=(
            Document("The first answer", first.message.content),
            Document("The second answer", second.message.content),
        ),
    )
    messages = [Message(Role.SYSTEM, _SYSTEM), asked]
    said = assistant_message(list(judging.answer(messages, schema_grammar(_VERDICT)))).content
    try:
        better = json.loads(said)["better"]
    except OTHER_FORM:  # broken off
        return None
    return {_FIRST: first.label, _SECOND: second.label}.get(better)
