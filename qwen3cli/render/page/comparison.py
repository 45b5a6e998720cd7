"""Several answers to one question as a page: side by side, with what each took, and where each differs from the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qwen3cli.render.differences import different_spans
from qwen3cli.render.page.language import direction_of, language_of
from qwen3cli.render.page.prose import prose
from qwen3cli.render.page.shell import page


@dataclass(frozen=True, slots=True)
class ComparedAnswer:
    """One way's answer; `figures` are the cells that stand in its row of the table, from its label on."""

    label: str
    answer: str
    thinking: str
    figures: Sequence[str]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below their headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def comparison_page(
    question: str,
    answers: Sequence[ComparedAnswer],
    headings: Sequence[str],
    judged: Table | None = None,
) -> str:
    """The whole page."""
    first = answers[0].answer if answers else ""
    return page(
        "comparison",
        language_of(" ".join((question, *(each.answer for each in answers))), ""),
        question=question,
        answers=answers,
        figures=Table(headings, [each.figures for each in answers]),
        judged=judged,
        prose=prose,
        pieces=lambda text: list(_pieces(text, first)),
        direction_of=lambda text: direction_of(language_of(text, "")),
    )


def _pieces(text: str, other: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it differs from the other text."""
    at = 0
    for start, end in different_spans(text, other):
        yield text[at:start], False
        yield text[start:end], True
        at = end
    yield text[at:], False
