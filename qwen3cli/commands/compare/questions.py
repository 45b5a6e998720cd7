"""`compare --questions`: every question of a file in each way, and how many answers were right.

What was answered can be kept in a file as it comes; a run with the same file goes on where the last one ended.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, OutputFailed, UsageProblem
from qwen3cli.base.units import seconds_text
from qwen3cli.commands.compare.exam import Exam, ExamQuestion, interval, mean, read_exam
from qwen3cli.commands.compare.ways import Candidate, Way, Ways, candidates
from qwen3cli.dialogue.events import FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.engine.grammar import schema_grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.render.json_output import as_json, json_line
from qwen3cli.render.status import StatusLine
from qwen3cli.render.tables import put_table
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import assistant_message

HEADINGS = ("way", "right", "accuracy", "95 %", "time each", "thinking", "answer", "")
_RIGHT_COLUMNS = (1, 2, 3, 4, 5, 6)
_BAR_CELLS = 20


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


@dataclass(frozen=True, slots=True)
class QuestionsRequest:
    """Which questions, in which ways. `output` keeps every answer as a line of JSON."""

    questions: str
    ways: Ways
    settings: TurnSettings
    options: LoadOptions
    system: str = ""
    output: Path | None = None
    json: bool = False


def run_questions(request: QuestionsRequest, environment: Environment) -> ExitCode:
    """Ask, grade and tell. Exit code 2 where some lines of the file were no questions; the rest was asked."""
    exam = read_exam(request.questions)
    for problem in exam.problems:
        environment.stderr.put(f"qwen3: {problem}\n")
    with closing(_Record(request.output)) as record, Interrupts() as interrupts:
        papers = [_Paper(request, way, exam, record) for way in request.ways.all()]
        with StatusLine(environment) as status:
            unfinished = [paper for paper in papers if paper.missing]
            ready = candidates(
                [paper.way for paper in unfinished],
                request.settings,
                request.options,
                environment,
                interrupts,
            )
            for paper, candidate in zip(unfinished, ready, strict=False):
                for _ in paper.answered(candidate):
                    status.show(_progress(paper, papers))
                    if interrupts.should_stop():
                        break
                if interrupts.should_stop():
                    break
    _tell(request, papers, environment)
    if interrupts.should_stop():
        return interrupts.exit_code
    return ExitCode.USAGE if exam.problems else ExitCode.DONE


def _progress(paper: "_Paper", papers: Sequence["_Paper"]) -> str:
    done, asked = len(paper.answers), len(paper.exam.questions)
    return f"{paper.label}: {done} of {asked}, way {papers.index(paper) + 1} of {len(papers)}"


class _Record:
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
            except (ValueError, TypeError):
                if number == len(lines) and not line.endswith("\n"):
                    path.write_text(
                        "".join(lines[:-1]), encoding="utf-8"
                    )  # a line cut in the writing
                    return
                raise UsageProblem(
                    f"line {number} of {path} is no kept answer", "name another file: --output FILE"
                ) from None
            self.answers[answer.key] = answer


class _Paper:
    """One way's answers to all the questions."""

    def __init__(self, request: QuestionsRequest, way: Way, exam: Exam, record: _Record) -> None:
        self.label = request.ways.label(way)
        self.way = way
        self.exam = exam
        self._request = request
        self._record = record

    @property
    def answers(self) -> list[Answer]:
        """Those that are there."""
        kept = self._record.answers
        return [kept[key] for key in map(self._key, self.exam.questions) if key in kept]

    @property
    def missing(self) -> list[ExamQuestion]:
        """What has not been asked."""
        return [each for each in self.exam.questions if self._key(each) not in self._record.answers]

    def answered(self, candidate: Candidate) -> Iterator[Answer]:
        """Ask what is missing, one after the other. An answer that was broken off is not kept."""
        for question in self.missing:
            answer = self._ask(candidate, question)
            if answer is not None:
                self._record.add(answer)
                yield answer
            else:
                return

    def _ask(self, candidate: Candidate, question: ExamQuestion) -> Answer | None:
        system = self._request.system
        messages = [Message(Role.SYSTEM, system)] if system else []
        messages.append(Message(Role.USER, question.prompt))
        grammar = None if question.schema is None else schema_grammar(question.schema)
        started = time.perf_counter()
        events = list(candidate.answer(messages, grammar))
        said, done = assistant_message(events).content.strip(), events[-1]
        assert isinstance(done, TurnDone)
        if done.finish is FinishReason.INTERRUPTED:
            return None
        return Answer(
            self._key(question),
            self.label,
            question.text,
            said,
            question.is_right(said),
            round(time.perf_counter() - started, 4),
            done.usage.thinking_tokens,
            done.usage.answer_tokens,
        )

    def _key(self, question: ExamQuestion) -> str:
        way, values = self.way, self._request.settings.values
        told = (
            *(
                way.choice.title,
                str(way.choice.path),
                way.think,
                way.budget_tokens,
                way.temperature,
            ),
            *(sorted(values.items()), self._request.system, question.prompt, question.schema),
        )
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


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


def _score(paper: _Paper) -> Score:
    answers = paper.answers
    asked, right = len(answers), sum(each.right for each in answers)
    low, high = interval(right, asked)
    return Score(
        paper.label,
        asked,
        right,
        right / asked if asked else 0.0,
        low,
        high,
        mean([each.seconds for each in answers]),
        mean([each.thinking_tokens for each in answers]),
        mean([each.answer_tokens for each in answers]),
    )


def _tell(request: QuestionsRequest, papers: Sequence[_Paper], environment: Environment) -> None:
    scores = [_score(paper) for paper in papers]
    if request.json:
        environment.stdout.put(as_json({"ways": [asdict(each) for each in scores]}))
        return
    put_table(environment, HEADINGS, [_row(each) for each in scores], right=_RIGHT_COLUMNS)


def _row(score: Score) -> tuple[str, ...]:
    return (
        score.way,
        f"{score.right} of {score.asked}",
        f"{score.accuracy:.1%}",
        f"{score.low:.0%} to {score.high:.0%}",
        seconds_text(score.seconds),
        f"{score.thinking_tokens:,.0f}",
        f"{score.answer_tokens:,.0f}",
        "#" * round(score.accuracy * _BAR_CELLS),
    )
