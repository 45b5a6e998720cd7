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
from qwen3cli.base.errors import ExitCode
from qwen3cli.commands.compare.exam import Exam, ExamQuestion, read_exam
from qwen3cli.commands.compare.kept_answers import Answer, KeptAnswers
from qwen3cli.commands.compare.scores import HEADINGS, RIGHT_COLUMNS, score_of, write_plot
from qwen3cli.commands.compare.ways import Candidate, Way, Ways, candidates
from qwen3cli.dialogue.events import FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.engine.grammar import schema_grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.render.bench_plot import check_plot_path
from qwen3cli.render.json_output import as_json
from qwen3cli.render.status import StatusLine
from qwen3cli.render.tables import put_table
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import assistant_message


@dataclass(frozen=True, slots=True)
class QuestionsRequest:
    """Which questions, in which ways. `output` keeps every answer as a line of JSON; `plot` is a picture of the scores."""

    questions: str
    ways: Ways
    settings: TurnSettings
    options: LoadOptions
    system: str = ""
    output: Path | None = None
    plot: Path | None = None
    json: bool = False


def run_questions(request: QuestionsRequest, environment: Environment) -> ExitCode:
    """Ask, grade and tell. Exit code 2 where some lines of the file were no questions; the rest was asked."""
    if request.plot is not None:
        check_plot_path(request.plot)
    exam = read_exam(request.questions)
    for problem in exam.problems:
        environment.stderr.put(f"qwen3: {problem}\n")
    with closing(KeptAnswers(request.output)) as record, Interrupts() as interrupts:
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


class _Paper:
    """One way's answers to all the questions."""

    def __init__(
        self, request: QuestionsRequest, way: Way, exam: Exam, record: KeptAnswers
    ) -> None:
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


def _tell(request: QuestionsRequest, papers: Sequence[_Paper], environment: Environment) -> None:
    scores = [score_of(paper.label, paper.answers) for paper in papers]
    if request.plot is not None:
        write_plot(request.plot, request.questions, scores)
    if request.json:
        environment.stdout.put(as_json({"ways": [asdict(each) for each in scores]}))
        return
    put_table(environment, HEADINGS, [each.row() for each in scores], right=RIGHT_COLUMNS)
