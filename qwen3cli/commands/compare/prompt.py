"""`compare PROMPT`: one prompt, answered in each way, side by side or one below the other."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, UsageProblem
from qwen3cli.commands.compare.judge import HEADINGS as JUDGE_HEADINGS
from qwen3cli.commands.compare.judge import Judgement, judged, orders_text
from qwen3cli.commands.compare.page import check_page, write_page
from qwen3cli.commands.compare.results import HEADINGS, RIGHT_COLUMNS, Result
from qwen3cli.commands.compare.ways import Candidate, Way, Ways, candidates
from qwen3cli.commands.question import Question
from qwen3cli.dialogue.events import Event, FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.columns import ColumnsView, fits_side_by_side
from qwen3cli.render.comparison import ComparisonView, SilentView, StackedView
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import assistant_message


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What is asked, of whom, and how it is to be shown: as a page where `output` names one."""

    question: Question
    ways: Ways
    settings: TurnSettings
    options: LoadOptions
    judge: Choice | None = None
    output: Path | None = None
    json: bool = False


def run_compare(request: CompareRequest, environment: Environment) -> ExitCode:
    """Answer in each way, have the answers judged if that was asked, and show all of it; 9 if one was cut short."""
    if request.output is not None:
        check_page(request.output)
    messages = request.question.messages(environment, quiet=False)
    ways = request.ways.all()
    if request.judge is not None and len(ways) < 2:
        raise UsageProblem(
            "--judge compares two answers, and there is one way", "--think --no-think"
        )
    judgements: list[Judgement] = []
    with Interrupts() as interrupts:
        results = list(_answers(request, ways, messages, environment, interrupts))
        if not request.json:
            _put_table(results, environment)
        if request.judge is not None and not interrupts.should_stop():
            judging = judged(
                request.judge,
                messages[-1].content,
                results,
                request.options,
                environment,
                interrupts,
            )
            judgements.extend(judging)
    question = messages[-1].content
    if request.json:
        environment.stdout.put(as_json(_told(question, results, judgements)))
    elif judgements:
        _put_judgements(judgements, environment)
    if request.output is not None:
        write_page(request.output, question, results, judgements)
        environment.stderr.put(f"qwen3: wrote {request.output}\n")
    if interrupts.should_stop():
        return interrupts.exit_code
    cut = any(each.done.finish is FinishReason.LENGTH for each in results)
    return ExitCode.CUT_SHORT if cut else ExitCode.DONE


def _answers(
    request: CompareRequest,
    ways: Sequence[Way],
    messages: Sequence[Message],
    environment: Environment,
    interrupts: Interrupts,
) -> Iterator[Result]:
    """Each way's answer, shown as it comes; none more once the user has stopped."""
    labels = [request.ways.label(way) for way in ways]
    ready = candidates(ways, request.settings, request.options, environment, interrupts)
    with closing(_view(labels, environment, json=request.json)) as view, closing(ready):
        for label, candidate in zip(labels, ready, strict=True):
            yield _answered(candidate, label, messages, view)
            if interrupts.should_stop():
                return


def _answered(
    candidate: Candidate, label: str, messages: Sequence[Message], view: ComparisonView
) -> Result:
    view.begin(label)
    events: list[Event] = []
    started = time.perf_counter()
    for event in candidate.answer(messages):
        events.append(event)
        view.handle(event)
    done = events[-1]
    assert isinstance(done, TurnDone)
    result = Result(
        label,
        candidate.way,
        assistant_message(events),
        done,
        time.perf_counter() - started,
        candidate.memory_bytes,
    )
    view.end(result.figures)
    return result


def _view(labels: Sequence[str], environment: Environment, *, json: bool) -> ComparisonView:
    if json:
        return SilentView()
    draws = environment.stdout_is_terminal and environment.terminal_draws
    if draws and fits_side_by_side(len(labels), environment.terminal_columns()):
        return ColumnsView(environment, labels)
    return StackedView(environment)


def _put_table(results: Sequence[Result], environment: Environment) -> None:
    environment.stdout.put("\n")
    put_table(environment, HEADINGS, [each.row() for each in results], right=RIGHT_COLUMNS)


def _put_judgements(judgements: Sequence[Judgement], environment: Environment) -> None:
    environment.stdout.put("\n")
    put_table(environment, JUDGE_HEADINGS, [each.row() for each in judgements])
    environment.stdout.put(f"\n{orders_text(judgements)}\n")


def _told(
    question: str, results: Sequence[Result], judgements: Sequence[Judgement]
) -> Mapping[str, Any]:
    """The comparison as `--json` prints it."""
    return {
        "prompt": question,
        "ways": [each.as_json() for each in results],
        "judgements": [{**asdict(each), "better": each.better} for each in judgements],
    }
