"""What the graded answers of one way add up to, as a row, and of all ways as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.errors import FileNotWritten
from qwen3cli.base.streams import encoded
from qwen3cli.base.units import seconds_text
from qwen3cli.base.whole_file import write_whole
from qwen3cli.commands.compare.exam import interval, mean
from qwen3cli.commands.compare.kept_answers import Answer
from qwen3cli.render.exam_plot import ExamPoint, exam_svg

HEADINGS = ("way", "right", "accuracy", "95 %", "time each", "thinking", "answer", "")
RIGHT_COLUMNS = (1, 2, 3, 4, 5, 6)
_BAR_CELLS = 20


@dataclass(frozen=True, slots=True)
class Score:
    """What one way's answers add up to; `low` and `high` bound the accuracy with 95 % confidence."""

    way: str
    asked: int
    right: int
    accuracy: float
    low: float
    high: float
    seconds: float
    thinking_tokens: float
    answer_tokens: float

    def row(self) -> tuple[str, ...]:
        """The cells below `HEADINGS`."""
        return (
            self.way,
            f"{self.right} of {self.asked}",
            f"{self.accuracy:.1%}",
            f"{self.low:.0%} to {self.high:.0%}",
            seconds_text(self.seconds),
            f"{self.thinking_tokens:,.0f}",
            f"{self.answer_tokens:,.0f}",
            "#" * round(self.accuracy * _BAR_CELLS),
        )


def score_of(way: str, answers: Sequence[Answer]) -> Score:
    """The score of one way's answers."""
    asked, right = len(answers), sum(each.right for each in answers)
    low, high = interval(right, asked)
    return Score(
        way,
        asked,
        right,
        right / asked if asked else 0.0,
        low,
        high,
        mean([each.seconds for each in answers]),
        mean([each.thinking_tokens for each in answers]),
        mean([each.answer_tokens for each in answers]),
    )


def write_plot(file: Path, questions: str, scores: Sequence[Score]) -> None:
    """Draw the scores into a file.

    Raises:
        FileNotWritten: it cannot be written.
    """
    points = [
        ExamPoint(each.way, each.seconds, each.accuracy, each.low, each.high)
        for each in scores
        if each.asked
    ]
    try:
        write_whole(file, encoded(exam_svg(questions, points)))
    except OSError as problem:
        raise FileNotWritten(f"cannot write {file}: {problem.strerror}") from None
