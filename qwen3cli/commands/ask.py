"""`ask`: one prompt, one answer, made for pipelines.

Runs one turn on a question, and turns its events into bytes and an exit code. Knows no flags.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import (
    AnswerStopped,
    CutShort,
    FileNotWritten,
    FormatNotMet,
    QwenError,
    UsageProblem,
)
from qwen3cli.commands.delivery import Delivery, DeliveryRequest
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.question import Question
from qwen3cli.dialogue.events import (
    Event,
    FinishReason,
    PrefillProgress,
    RanOut,
    TurnDone,
)
from qwen3cli.dialogue.messages import Message
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.status import READING, StatusLine, prefill_text
from qwen3cli.turn.answer_format import AnswerFormat
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import TurnOptions, assistant_message

_TO_STDERR = Path("-")


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Everything `ask` was told, but for the model."""

    question: Question
    settings: TurnSettings = TurnSettings()
    delivery: DeliveryRequest = DeliveryRequest()
    form: AnswerFormat | None = None
    show_prompt: bool = False
    hide_thoughts: bool = False
    thoughts_file: Path | None = None
    quiet: bool = False
    verbose: bool = False


def run_ask(
    request: AskRequest, choice: Choice, options: LoadOptions, environment: Environment
) -> None:
    """Answer the request on the environment's streams.

    Raises:
        QwenError: it cannot be answered, or not as it was asked; what came is printed.
    """
    if request.delivery.json and request.show_prompt:
        raise UsageProblem("--json and --show-prompt contradict each other", "drop one of them")
    messages = request.question.messages(environment, quiet=request.quiet)
    _check_thoughts_file(request.thoughts_file)
    with Interrupts() as interrupts:
        loaded = load_chosen(
            choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
        )
        with closing(loaded):
            run = _Run(request, loaded, choice, environment)
            if request.show_prompt:
                run.show_prompt(messages, interrupts)
            else:
                run.answer(messages, interrupts)


def _check_thoughts_file(target: Path | None) -> None:
    """Find out before the model works, not after it, that its thoughts cannot be written. What is in the file stays."""
    if target is None or target == _TO_STDERR:
        return
    try:
        target.open("a", encoding="utf-8").close()
    except OSError as problem:
        raise UsageProblem(
            f"cannot write the thoughts to {target}: {problem.strerror}", "name another file"
        ) from None


class _Run:
    """One request on one loaded model."""

    def __init__(
        self,
        request: AskRequest,
        loaded: LoadedModel,
        choice: Choice,
        environment: Environment,
    ) -> None:
        self._request = request
        self._loaded = loaded
        self._choice = choice
        self._environment = environment
        self._status = StatusLine(environment, quiet=request.quiet)

    def show_prompt(self, messages: Sequence[Message], interrupts: Interrupts) -> None:
        """Print the exact prompt text, and its length on standard error."""
        prompt, tokens = self._loaded.prompt(
            messages, self._options(messages), interrupts, any_length=True
        )
        self._environment.stdout.put(prompt.shown())
        limit = self._loaded.cache.limit_tokens
        self._environment.stderr.put(f"\n{len(tokens):,} tokens of {limit:,}\n")

    def answer(self, messages: Sequence[Message], interrupts: Interrupts) -> None:
        """Run the turn and show it.

        Raises:
            QwenError: it could not be run, was stopped, or its answer is not whole.
        """
        delivery = Delivery(self._request.delivery, self._environment)
        renderer = delivery.renderer(self._choice.title, show_thoughts=self._shows_thoughts())
        events: list[Event] = []
        turn = self._loaded.turn(messages, self._options(messages), interrupts)
        self._status.show(READING)
        with closing(turn), closing(renderer), self._status:
            for event in turn:
                events.append(event)
                interrupts.follow(event)
                self._progress(event)
                renderer.handle(event)
        done, message = events[-1], assistant_message(events)
        assert isinstance(done, TurnDone)
        unwritten = self._write_thoughts(message)
        try:
            delivery.finish(renderer, self._problem(done, message) or unwritten)
        finally:
            if done.finish is not FinishReason.INTERRUPTED:
                self._save_prompt()

    def _save_prompt(self) -> None:
        """Keep what was computed for the next question on the same document."""
        for remark in self._loaded.save_prompt(wait=True):
            if not self._request.quiet:
                self._environment.stderr.put(f"qwen3: {remark}\n")

    def _problem(self, done: TurnDone, message: Message) -> QwenError | None:
        """Why the answer is not what was asked for, if it is not."""
        if done.finish is FinishReason.INTERRUPTED:
            return AnswerStopped("interrupted")
        if done.ran_out is not None:
            cause = "--max-tokens" if done.ran_out is RanOut.TOKENS else done.ran_out.value
            return CutShort(f"the answer is cut short: {cause} was used up")
        try:
            if self._request.form is not None:
                self._request.form.check(message.content)
        except FormatNotMet as problem:
            return problem
        return None

    def _options(self, messages: Sequence[Message]) -> TurnOptions:
        facts = self._loaded.model.facts
        return self._request.settings.options(
            self._loaded.template.switch,
            self._choice.title,
            self._choice.sampling_defaults(facts.architecture),
            messages,
        )

    def _shows_thoughts(self) -> bool:
        request = self._request
        shown = self._environment.stderr_is_terminal and not request.quiet
        return not request.hide_thoughts and (shown or request.thoughts_file == _TO_STDERR)

    def _progress(self, event: Event) -> None:
        if isinstance(event, PrefillProgress):
            self._status.show(prefill_text(event))
        else:
            self._status.clear()

    def _write_thoughts(self, message: Message) -> FileNotWritten | None:
        target = self._request.thoughts_file
        if target is None or target == _TO_STDERR:
            return None
        try:
            target.write_text(message.thinking + "\n" if message.thinking else "", encoding="utf-8")
        except OSError as problem:
            return FileNotWritten(f"cannot write the thoughts to {target}: {problem.strerror}")
        return None
