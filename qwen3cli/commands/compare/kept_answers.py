"""The graded answers of `compare --questions` in a file, one line of JSON each, so that another run can go on from there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from qwen3cli.base.errors import OutputFailed, UsageProblem
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.render.json_output import json_line


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered in one way. `key` tells the two, and the settings, apart from all others."""

    key: str
    way: str
    question: str
    answer: str
    right: bool
    seconds: float
    thinking_tokens: int
    answer_tokens: int


class KeptAnswers:
    """The answers that are kept in a file, by their keys: those of earlier runs, and each new one as it comes."""

    def __init__(self, path: Path | None) -> None:
        """Raises UsageProblem: the file cannot be read and written, or is another kind of file."""
        self.answers: dict[str, Answer] = {}
        self._file = None
        if path is None:
            return
        try:
            if path.exists():
                self._read(path)
            self._file = path.open("a", encoding="utf-8")
        except OSError as problem:
            raise UsageProblem(
                f"cannot keep the answers in {path}: {problem.strerror}", "name another file"
            ) from None

    def add(self, answer: Answer) -> None:
        """Keep one more; what is kept is on the disk."""
        self.answers[answer.key] = answer
        if self._file is not None:
            try:
                self._file.write(json_line(asdict(answer)))
                self._file.flush()
            except OSError as problem:
                raise OutputFailed(f"cannot keep the answers: {problem.strerror}") from problem

    def close(self) -> None:
        """No more will come."""
        if self._file is not None:
            self._file.close()

    def _read(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        for number, line in enumerate(lines, start=1):
            try:
                answer = Answer(**json.loads(line))
            except OTHER_FORM:
                if number == len(lines) and not line.endswith("\n"):
                    path.write_text(
                        "".join(lines[:-1]), encoding="utf-8"
                    )  # a line cut in the writing
                    return
                raise UsageProblem(
                    f"line {number} of {path} is no kept answer", "name another file: --output FILE"
                ) from None
            self.answers[answer.key] = answer
