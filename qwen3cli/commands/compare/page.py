"""`compare --output FILE.html`: what came of every way, as a page to look at and to send."""

from collections.abc import Sequence
from pathlib import Path

from qwen3cli.base.errors import FileNotWritten, UsageProblem
from qwen3cli.base.streams import encoded
from qwen3cli.base.whole_file import check_writable, write_whole
from qwen3cli.commands.compare import judge
from qwen3cli.commands.compare.judge import Judgement, orders_text
from qwen3cli.commands.compare.results import HEADINGS, Result
from qwen3cli.dialogue.events import FinishReason

_SUFFIXES = (".html", ".htm")


def check_page(file: Path) -> None:
    """Find out before a model is loaded whether the page can be written.

    Raises:
        UsageProblem: it cannot, or the file is named for something else.
    """
    if file.suffix.lower() not in _SUFFIXES:
        raise UsageProblem(
            f"--output {file}: answers to one prompt are written as a page",
            f"--output {file.with_suffix('.html')}, or --json > {file}",
        )
    try:
        check_writable(file)
    except OSError as problem:
        raise UsageProblem(
            f"cannot write {file}: {problem.strerror}", "name another file"
        ) from None


def write_page(
    file: Path, question: str, results: Sequence[Result], judgements: Sequence[Judgement]
) -> None:
    """Put the page in the file's place.

    Raises:
        FileNotWritten: it cannot be written.
    """
    from qwen3cli.render.page.comparison import (  # noqa: PLC0415 - loads Jinja
        ComparedAnswer,
        Table,
        comparison_page,
    )

    answers = [
        ComparedAnswer(
            each.label,
            each.message.content,
            each.message.thinking,
            each.row(),
            is_cut=each.done.finish is FinishReason.LENGTH,
        )
        for each in results
    ]
    rows = [each.row() for each in judgements]
    judged = Table(judge.HEADINGS, rows, orders_text(judgements)) if rows else None
    text = comparison_page(question, answers, HEADINGS, judged)
    try:
        write_whole(file, encoded(text))
    except OSError as problem:
        raise FileNotWritten(f"cannot write {file}: {problem.strerror}") from None
