"""`compare PROMPT`: one prompt, answered in each way, side by side or one below the other."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode
from qwen3cli.commands.compare.results import HEADINGS, RIGHT_COLUMNS, Result, rows
from qwen3cli.commands.compare.ways import Candidate, Ways, candidates
from qwen3cli.commands.question import Question
from qwen3cli.dialogue.events import Event, FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.render.columns import ColumnsView, fits_side_by_side
from qwen3cli.render.comparison import ComparisonView, SilentView, StackedView
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import assistant_message


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What is asked, of whom, and how it is to be shown."""

    question: Question
    ways: Ways
    settings: TurnSettings
    options: LoadOptions
    json: bool = False
    output: Path | None = None


def run_compare(request: CompareRequest, environment: Environment) -> ExitCode:
    """Answer in each way and show all of it; 9 if an answer was cut short."""
    messages = request.question.messages(environment, quiet=False)
    ways = request.ways.all()
    labels = [request.ways.label(way) for way in ways]
    view = _view(labels, environment, json=request.json)
    results: list[Result] = []
    with Interrupts() as interrupts, closing(view):
        for candidate in candidates(
            ways, request.settings, request.options, environment, interrupts
        ):
            result = _answered(candidate, labels[len(results)], messages, view)
            results.append(result)
            if interrupts.should_stop():
                break
    _put_results(request, messages, results, environment)
    if len(results) < len(ways) or interrupts.should_stop():
        return interrupts.exit_code
    cut = any(each.done.finish is FinishReason.LENGTH for each in results)
    return ExitCode.CUT_SHORT if cut else ExitCode.DONE


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


def _put_results(
    request: CompareRequest,
    messages: Sequence[Message],
    results: Sequence[Result],
    environment: Environment,
) -> None:
    if request.json:
        told = [each.as_json() for each in results]
        environment.stdout.put(as_json({"prompt": messages[-1].content, "ways": told}))
    elif results:
        environment.stdout.put("\n")
        put_table(environment, HEADINGS, rows(results), right=RIGHT_COLUMNS)
