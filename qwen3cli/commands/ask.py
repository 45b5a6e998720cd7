"""`ask`: one prompt, one answer, made for pipelines.

Runs one turn on a question, and turns its events into bytes and an exit code. Knows no flags.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import FormatNotMet, PromptTooLong, QwenError, UsageProblem
from qwen3cli.commands.delivery import Delivery, DeliveryRequest
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.question import Question
from qwen3cli.commands.recording import Keeping, Recording, recording
from qwen3cli.commands.split import SplitQuestion
from qwen3cli.commands.thoughts import ThoughtsRequest
from qwen3cli.commands.too_long import with_what_fits
from qwen3cli.commands.tooling import ToolRequest, call_problem, opened_toolkit
from qwen3cli.commands.turn_runner import TurnRunner, cut_off
from qwen3cli.commands.webpage.request import PageRequest
from qwen3cli.dialogue.events import FinishReason
from qwen3cli.dialogue.messages import Message
from qwen3cli.documents.excerpts import excerpted, remarks
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.sessions.values import Kind, Session
from qwen3cli.turn.answer_format import AnswerFormat
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Everything `ask` was told, but for the model."""

    question: Question
    settings: TurnSettings = TurnSettings()
    delivery: DeliveryRequest = DeliveryRequest()
    form: AnswerFormat | None = None
    tools: ToolRequest = ToolRequest()
    split: bool = False
    show_prompt: bool = False
    thoughts: ThoughtsRequest = ThoughtsRequest()
    page: PageRequest | None = None
    quiet: bool = False
    verbose: bool = False
    keeping: Keeping = field(default_factory=Keeping)
    session: Session | None = None  # to go on with


def run_ask(
    request: AskRequest, choice: Choice, options: LoadOptions, environment: Environment
) -> None:
    """Answer the request on the environment's streams.

    Raises:
        QwenError: it cannot be answered, or not as it was asked; what came is printed.
    """
    if request.delivery.json and request.show_prompt:
        raise UsageProblem("--json and --show-prompt contradict each other", "drop one of them")
    if request.split and request.show_prompt:
        raise UsageProblem("--split has a prompt for each part", "drop --show-prompt")
    messages = request.question.messages(environment, quiet=request.quiet)
    request.thoughts.check()
    keeping = replace(request.keeping, log=request.keeping.log and not request.show_prompt)
    record = recording(keeping, Kind.ASK, environment, quiet=request.quiet)
    with (
        closing(record),
        Interrupts() as interrupts,
        opened_toolkit(request.tools, environment, beside=request.delivery.file) as kit,
    ):
        if request.session is not None:
            record.resume(request.session)
            messages = request.session.messages_with(messages)
        loaded = load_chosen(
            choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
        )
        with closing(loaded):
            runner = TurnRunner(
                loaded,
                choice,
                environment,
                interrupts,
                quiet=request.quiet,
                kit=kit,
                max_rounds=request.tools.max_rounds,
            )
            messages = _excerpted(request, messages, runner, environment)
            if request.show_prompt:
                runner.show_prompt(messages, request.settings)
                return
            split = SplitQuestion(runner, request.settings, environment, quiet=request.quiet)
            if request.split:
                messages = list(split.last(messages))
            try:
                _Run(request, runner, split, environment).answer(messages, choice, record)
            except PromptTooLong as problem:
                limit = loaded.cache.limit_tokens
                raise with_what_fits(problem, messages, limit, loaded.count) from None


def _excerpted(
    request: AskRequest, messages: list[Message], runner: TurnRunner, environment: Environment
) -> list[Message]:
    """The messages with the wanted parts of their files."""
    count = runner.loaded.count
    if not request.quiet:
        for remark in remarks(messages, count):
            environment.stderr.put(f"qwen3: {remark}\n")
    return excerpted(messages, count)


class _Run:
    """One request on one loaded model."""

    def __init__(
        self,
        request: AskRequest,
        runner: TurnRunner,
        split: SplitQuestion,
        environment: Environment,
    ) -> None:
        """`split` has asked about the parts, if that was wanted."""
        self._request = request
        self._runner = runner
        self._split = split
        self._environment = environment

    def answer(self, messages: Sequence[Message], choice: Choice, record: Recording) -> None:
        """Run the turn and show it.

        Raises:
            QwenError: it could not be run, was stopped, or its answer is not whole.
        """
        request = self._request
        delivery = Delivery(request.delivery, self._environment)
        shown = request.thoughts.are_shown(self._environment, quiet=request.quiet)
        renderer = delivery.renderer(
            choice.title, show_thoughts=shown, quiet=request.quiet, parts=self._split.parts
        )
        options = self._runner.options(request.settings, messages)
        record.begin(messages, request.settings, options, choice, self._runner.loaded)
        try:
            ran = self._runner.run_with(messages, options, record.before(renderer))
        except (QwenError, OSError):
            record.finish_unshown()
            raise
        unwritten = request.thoughts.written(ran.message.thinking)
        unmet = cut_off(ran.done) or self._unmet(ran.answer) or self._split.cut_short
        problem = unmet or unwritten
        try:
            delivery.finish(renderer, problem or call_problem(ran.events))
        finally:
            record.finish(ran.messages, ran.done)
            if ran.done.finish is not FinishReason.INTERRUPTED:
                self._save_prompt()

    def _save_prompt(self) -> None:
        """Keep what was computed for the next question on the same document."""
        for remark in self._runner.loaded.save_prompt(wait=True):
            if not self._request.quiet:
                self._environment.stderr.put(f"qwen3: {remark}\n")

    def _unmet(self, answer: str) -> FormatNotMet | None:
        """What is wrong with the answer's form, if it was to have one."""
        try:
            if self._request.form is not None:
                self._request.form.check(answer)
        except FormatNotMet as problem:
            return problem
        return None
