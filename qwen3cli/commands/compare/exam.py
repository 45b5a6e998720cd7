"""Questions with known answers: their file, how a model's answer is graded, and how sure a share of right ones is.

Knows no model and no terminal.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.base.signals import unwinding
from qwen3cli.dialogue.json_schema import broken_promise
from qwen3cli.documents.text import read_document

DEMO_EXAM = "demo"
_DEMO_FILE = Path(__file__).with_name("demo_exam.jsonl")
_KINDS = ("answer", "pattern", "schema")
_FIELDS = {"question", "choices", *_KINDS}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
# The two-sided 95 % point of the normal distribution.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """One question. Of `answer`, `pattern` and `schema` at least one says what is right; `choices` are offered by letter."""

    text: str
    answer: str | None = None
    pattern: re.Pattern[str] | None = None
    schema: Mapping[str, Any] | None = None
    choices: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The question as it is asked."""
        if not self.choices:
            return self.text
        offered = (
            f"{letter}) {each}" for letter, each in zip(ascii_uppercase, self.choices, strict=False)
        )
        return "\n".join([self.text, *offered, "Answer with the letter alone."])

    def is_right(self, said: str) -> bool:
        """Whether a model's answer is right: in all respects that the question names."""
        if self.schema is not None and broken_promise(self.schema, said):
            return False
        if self.pattern is not None:
            with unwinding():
                if not self.pattern.search(said):
                    return False
        return self.answer is None or self._names_it(said, self.answer)

    def _names_it(self, said: str, answer: str) -> bool:
        if self.choices:
            letters = re.findall(rf"\b[A-{ascii_uppercase[len(self.choices) - 1]}]\b", said)
            return bool(letters) and letters[-1] == self._letter(answer)
        if _NUMBER.fullmatch(answer):
            numbers = _NUMBER.findall(_GROUPED.sub("", said))
            return bool(numbers) and float(numbers[-1]) == float(answer)
        words = rf"(?<!\w){re.escape(answer.casefold())}(?!\w)"
        return re.search(words, said.casefold()) is not None

    def _letter(self, answer: str) -> str:
        by_text = dict(zip(self.choices, ascii_uppercase, strict=False))
        return by_text.get(answer, answer.strip().upper())


@dataclass(frozen=True, slots=True)
class Exam:
    """The questions of a file, and what is wrong with those of its lines that are none."""

    questions: tuple[ExamQuestion, ...]
    problems: tuple[str, ...] = ()


def read_exam(name: str) -> Exam:
    """The questions of a JSONL file; `demo` is the demo model's own exam.

    Raises:
        UsageProblem: it cannot be read, or has no question.
    """
    path = _DEMO_FILE if name == DEMO_EXAM else Path(name)
    questions, problems = [], []
    for number, line in enumerate(read_document(path).document.text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            questions.append(_question(json.loads(line)))
        except (ValueError, RecursionError, QwenError) as problem:
            reason = problem.message if isinstance(problem, QwenError) else _reason(problem)
            problems.append(f"line {number} of {name}: {reason}")
    if not questions:
        why = problems[0] if problems else f"{name} is empty"
        raise UsageProblem(
            f"there is no question: {why}",
            'one a line: {"question": "What is 2 + 3?", "answer": "5"}',
        )
    return Exam(tuple(questions), tuple(problems))


def _reason(problem: Exception) -> str:
    return f"no JSON, {problem.msg}" if isinstance(problem, json.JSONDecodeError) else str(problem)


def _question(record: Any) -> ExamQuestion:
    if not isinstance(record, dict):
        raise ValueError("no object")
    if unknown := sorted(set(record) - _FIELDS):
        raise ValueError(f"there is no field {unknown[0]}")
    text, choices = record.get("question"), record.get("choices", [])
    if not isinstance(text, str) or not text.strip():
        raise ValueError("no question")
    if not any(kind in record for kind in _KINDS):
        raise ValueError("no answer, pattern or schema says what is right")
    if not (isinstance(choices, list) and len(choices) <= len(ascii_uppercase)):
        raise ValueError("choices are no list")
    answer, pattern = record.get("answer"), record.get("pattern")
    try:
        compiled = None if pattern is None else re.compile(str(pattern))
    except re.error as problem:
        raise ValueError(f"no pattern: {problem}") from None
    return ExamQuestion(
        text.strip(),
        None if answer is None else str(answer).strip(),
        compiled,
        record.get("schema"),
        tuple(map(str, choices)),
    )


def interval(right: int, asked: int) -> tuple[float, float]:
    """Between which shares the true one lies, with 95 % confidence: Wilson's score interval (E. B. Wilson, 1927)."""
    if not asked:
        return 0.0, 1.0
    share, z = right / asked, _Z
    middle = (share + z * z / (2 * asked)) / (1 + z * z / asked)
    half = z / (1 + z * z / asked) * math.sqrt(share * (1 - share) / asked + (z / (2 * asked)) ** 2)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def mean(values: Sequence[float]) -> float:
    """Their mean; 0 where there are none."""
    return sum(values) / len(values) if values else 0.0
