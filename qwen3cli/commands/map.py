"""`map`: one prompt asked of many items, several at a time, on one loaded model.

Every item is a turn of its own, with its own answer and its own error. Knows no flags.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, ExitCode, Interrupted, QwenError, UsageProblem
from qwen3cli.base.plaintext import visible
from qwen3cli.commands.delivery import DeliveryRequest
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.map_answers import AnswerPrinter
from qwen3cli.commands.map_results import FileResults, JsonResults, PrintedResults, Results
from qwen3cli.commands.question import Question
from qwen3cli.commands.turn_runner import cut_off
from qwen3cli.dialogue.events import AnswerDelta, Event, ThinkDelta, TurnDone
from qwen3cli.dialogue.item_template import ItemTemplate
from qwen3cli.dialogue.messages import Message
from qwen3cli.documents.items import Inputs, ItemForm, Source, read_inputs
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.map_progress import MapProgress
from qwen3cli.turn.answer_format import AnswerFormat
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.scheduler import Scheduler
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import TurnOptions

# Beyond this the weights are read seldom enough: 32 at a time made 192 tokens/s where one made 67 (two cores).
_MOST_AT_A_TIME = 32


@dataclass(frozen=True, slots=True)
class MapRequest:
    """Everything `map` was told, but for the model. The question's prompt has places for an item."""

    question: Question
    inputs: tuple[str, ...] = ()
    input_form: ItemForm | None = None
    zero_bytes: bool = False
    parallel: int | None = None
    settings: TurnSettings = TurnSettings()
    delivery: DeliveryRequest = DeliveryRequest()
    form: AnswerFormat | None = None
    quiet: bool = False
    verbose: bool = False


def run_map(
    request: MapRequest, choice: Choice, options: LoadOptions, environment: Environment
) -> ExitCode:
    """Answer every item. Returns the code of the first that failed.

    Raises:
        QwenError: the request makes no sense, the model cannot be loaded, or the run was stopped.
    """
    items = _Items(request, environment)
    with (
        closing(_results(request, items, choice, environment)) as results,
        Interrupts() as interrupts,
    ):
        run = _Run(request, items, results, choice.title, environment)
        try:
            if run.left:
                _answer(run, choice, options, environment, interrupts)
            results.finish()
        except QwenError as problem:
            problem.fields = results.fields
            raise
        return run.told()


def _answer(
    run: "_Run",
    choice: Choice,
    options: LoadOptions,
    environment: Environment,
    interrupts: Interrupts,
) -> None:
    """Load the model, and have it answer what is left."""
    request = run.request
    loaded = load_chosen(
        choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
    )
    with closing(loaded):
        turn_options = request.settings.options(
            loaded.template.switch,
            choice.title,
            choice.sampling_defaults(loaded.model.facts.architecture),
            run.items.question,
        )
        run.answer(loaded, turn_options, interrupts)


class _Items:
    """The inputs, and the messages that each makes with the prompt."""

    def __init__(self, request: MapRequest, environment: Environment) -> None:
        if request.delivery.file is None and not request.inputs and environment.stdin_is_terminal:
            raise UsageProblem("there is no input", "name a file, or - for standard input")
        question = replace(request.question, stdin=False)
        self.question = question.messages(environment, quiet=request.quiet)
        self._template = ItemTemplate(self.question[-1].content)
        self.inputs: Inputs = read_inputs(
            request.inputs, request.input_form, environment.stdin, zero_bytes=request.zero_bytes
        )
        self._template.check(self.inputs.fields)
        self.sources: Sequence[Source] = self.inputs.sources

    def messages(self, source: Source) -> list[Message]:
        """What is asked of one item.

        Raises:
            UsageProblem: it cannot be read, or has not what the prompt names.
        """
        item = source.read()
        try:
            filled = self._template.filled(item.text, item.fields)
        except UsageProblem as problem:
            raise UsageProblem(f"{source.name}: {problem.message}", problem.hint) from None
        return [*self.question[:-1], replace(self.question[-1], content=filled)]


def _results(
    request: MapRequest, items: _Items, choice: Choice, environment: Environment
) -> Results:
    if request.delivery.file is not None:
        made_of = {
            "input": items.inputs.digest,
            "settings": {
                "model": str(choice.path),
                "prompt": [(each.role, each.text) for each in items.question],
                **_plain(asdict(request.settings)),
                **_plain(asdict(replace(request.delivery, file=None))),
                "zero_bytes": request.zero_bytes,
            },
        }
        return FileResults(request.delivery.file, made_of, environment.variables)
    return JsonResults(environment) if request.delivery.json else PrintedResults(environment)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it."""
    return {
        name: value if isinstance(value, str | int | float | list | None) else repr(value)
        for name, value in values.items()
    }


class _Run:
    """One run over all items."""

    def __init__(
        self,
        request: MapRequest,
        items: _Items,
        results: Results,
        title: str,
        environment: Environment,
    ) -> None:
        self.request = request
        self.items = items
        self._results = results
        self._printer = AnswerPrinter(request.delivery, request.form, title, request.zero_bytes)
        self._environment = environment
        numbered = enumerate(items.sources, 1)
        self.left = [each for each in numbered if not results.is_done(each[0])]
        done = len(items.sources) - len(self.left)
        self._progress = MapProgress(environment, len(items.sources), done, quiet=request.quiet)

    def answer(self, loaded: LoadedModel, options: TurnOptions, interrupts: Interrupts) -> None:
        """Answer what is left.

        Raises:
            AnswerStopped: the user stopped it. What was finished stays.
        """
        most = min(_MOST_AT_A_TIME, len(self.left))
        parallel = min(self.request.parallel or most, len(self.left))
        if self.request.parallel is None:
            parallel = loaded.plan.sequences_that_fit(parallel)
        left = iter(self.left)
        with closing(self._progress), Scheduler(loaded, parallel) as scheduler:
            while not interrupts.should_stop():
                self._feed(left, scheduler, options, interrupts, parallel)
                if scheduler.is_idle:
                    return
                scheduler.advance()
                self._progress.show()
        if not self.request.quiet:
            done, total = self._progress.done, len(self.items.sources)
            goes_on = "; the same command goes on" if self.request.delivery.file else ""
            self._say(f"stopped: {done:,} of {total:,} items are done{goes_on}")
        problem = AnswerStopped("interrupted")
        problem.exit_code = interrupts.exit_code
        raise problem

    def told(self) -> ExitCode:
        """Say how many failed. Returns the code of the first."""
        failed = self._results.failed
        if not failed:
            return ExitCode.DONE
        if not self.request.quiet:
            self._say(f"{len(failed):,} of {len(self.items.sources):,} items failed")
        return ExitCode(failed[min(failed)])

    def _feed(
        self,
        left: Iterator[tuple[int, Source]],
        scheduler: Scheduler,
        options: TurnOptions,
        interrupts: Interrupts,
        parallel: int,
    ) -> None:
        """Let as many wait as can run: the next is there when a slot is free."""
        while scheduler.waiting_count < parallel:
            number, source = next(left, (0, None))
            if source is None:
                return
            listener = _Listener(self, number, source)
            try:
                messages = self.items.messages(source)
            except QwenError as problem:
                listener(problem)
            else:
                scheduler.submit(messages, options, interrupts, listener)

    def count(self, tokens: int) -> None:
        """So many more tokens came."""
        self._progress.tokens += tokens

    def finished(
        self, number: int, source: Source, events: Sequence[Event], error: QwenError | None
    ) -> None:
        """An item has its result."""
        if isinstance(error, Interrupted):
            return
        self._progress.clear()
        self._progress.done += 1
        result = self._printer.result(number, source.name, events, error)
        if result.error is not None:
            said = result.error.message
            self._say(said if said.startswith(source.name) else f"{source.name}: {said}")
        self._results.add(result)

    def _say(self, text: str) -> None:
        self._environment.stderr.put(visible(f"qwen3: {text}\n"))


class _Listener:
    """Collects what is told of one item."""

    def __init__(self, run: _Run, number: int, source: Source) -> None:
        self._run = run
        self._number = number
        self._source = source
        self._events: list[Event] = []

    def __call__(self, event: Event | QwenError) -> None:
        if isinstance(event, QwenError):
            self._run.finished(self._number, self._source, self._events, event)
            return
        self._events.append(event)
        if isinstance(event, AnswerDelta | ThinkDelta):
            self._run.count(1)
        elif isinstance(event, TurnDone):
            self._run.finished(self._number, self._source, self._events, cut_off(event))
