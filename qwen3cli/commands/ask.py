"""`ask`: one prompt, one answer, made for pipelines.

Gathers the prompt, runs one turn, and turns its events into bytes and an exit code. Knows no flags.
"""

import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, FormatNotMet, UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.commands.delivery import Delivery, DeliveryRequest
from qwen3cli.commands.loading import load_chosen
from qwen3cli.dialogue.events import (
    Event,
    FinishReason,
    PrefillProgress,
    RanOut,
    TurnDone,
)
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.documents.files import Pages, read_named
from qwen3cli.documents.text import Reading, argument_text, piped_document
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.status import READING, StatusLine, prefill_text
from qwen3cli.turn.answer_format import AnswerFormat
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import TurnOptions, assistant_message

STANDARD_INPUT = "-"  # as a prompt
_TO_STDERR = Path("-")
_WAIT_SECONDS = 2.0  # until it is said what is waited for


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Everything `ask` was told, but for the model. The prompt `-` is standard input, even that of a terminal."""

    prompt: str
    files: tuple[str, ...] = ()
    pages: Pages | None = None
    stdin: bool = True  # whether what is piped in joins the prompt
    system: str | None = None
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
) -> ExitCode:
    """Answer the request on the environment's streams."""
    if request.delivery.json and request.show_prompt:
        raise UsageProblem("--json and --show-prompt contradict each other", "drop one of them")
    messages = request_messages(request, environment)
    _check_thoughts_file(request.thoughts_file)
    with Interrupts() as interrupts:
        loaded = load_chosen(
            choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
        )
        with closing(loaded):
            run = _Run(request, loaded, choice, environment)
            if request.show_prompt:
                return run.show_prompt(messages, interrupts)
            done = run.answer(messages, interrupts)
    return interrupts.exit_code if done is ExitCode.INTERRUPTED else done


def request_messages(request: AskRequest, environment: Environment) -> list[Message]:
    """The messages of this request: the prompt first, then the files, then what came on standard input.

    Raises:
        UsageProblem: there is nothing to ask, or an input is no text.
    """
    files = [name for name in request.files if name != STANDARD_INPUT]
    readings = [each for name in files for each in read_named(name, request.pages)]
    named = STANDARD_INPUT in (request.prompt, *request.files)
    if named or (request.stdin and not environment.stdin_is_terminal):
        piped = _piped(request, environment)
        readings += [piped] if piped.document.text.strip() else []
    for remark in (
        () if request.quiet else (each for reading in readings for each in reading.remarks)
    ):
        environment.stderr.put(f"qwen3: {remark}\n")
    typed = "" if request.prompt == STANDARD_INPUT else request.prompt
    prompt = argument_text(typed, "the prompt")
    question = Message(
        Role.USER, prompt.strip(), documents=tuple(each.document for each in readings)
    )
    if not question.text:
        raise UsageProblem("there is no prompt", 'type one: qwen3 ask "Why is the sky blue?"')
    said = argument_text(request.system or "", "the system message")
    system = [Message(Role.SYSTEM, said)] if said else []
    return [*system, question]


def _piped(request: AskRequest, environment: Environment) -> Reading:
    """What comes on standard input. What is waited for is said, and what joins a prompt that was typed: in a loop that
    reads the same standard input it would be missing there."""
    waiting = "qwen3: waiting for the end of standard input; --no-stdin does without it\n"
    notice = threading.Timer(_WAIT_SECONDS, environment.stderr.put, [waiting])
    notice.daemon = True
    if not request.quiet:
        with suppress(RuntimeError):  # no thread to be had: then it is not said
            notice.start()
    try:
        piped = piped_document(environment.stdin, "standard input")
    finally:
        notice.cancel()
    typed = request.prompt not in ("", STANDARD_INPUT)
    if typed and piped.document.text and environment.stderr_is_terminal and not request.quiet:
        size = bytes_text(len(piped.document.text.encode()))
        joined = f"qwen3: {size} of standard input join the prompt; --no-stdin keeps it out\n"
        environment.stderr.put(joined)
    return piped


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

    def show_prompt(self, messages: Sequence[Message], interrupts: Interrupts) -> ExitCode:
        """Print the exact prompt text, and its length on standard error."""
        prompt, tokens = self._loaded.prompt(
            messages, self._options(messages), interrupts, any_length=True
        )
        self._environment.stdout.put(prompt.shown())
        limit = self._loaded.cache.limit_tokens
        self._environment.stderr.put(f"\n{len(tokens):,} tokens of {limit:,}\n")
        return ExitCode.DONE

    def answer(self, messages: Sequence[Message], interrupts: Interrupts) -> ExitCode:
        """Run the turn and show it."""
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
        self._write_thoughts(message)
        outcome = self._outcome(done)
        unmet = self._unmet(message) if outcome is ExitCode.DONE else None
        delivery.finish(whole=outcome is ExitCode.DONE and unmet is None)
        if unmet is not None:
            raise unmet
        return outcome

    def _unmet(self, message: Message) -> FormatNotMet | None:
        """What is wrong with the answer's form, if it was to have one."""
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

    def _write_thoughts(self, message: Message) -> None:
        target = self._request.thoughts_file
        if target is not None and target != _TO_STDERR:
            target.write_text(message.thinking + "\n" if message.thinking else "", encoding="utf-8")

    def _outcome(self, done: TurnDone) -> ExitCode:
        """The turn's exit code; why an answer is cut short is said."""
        if done.finish is FinishReason.INTERRUPTED:
            return ExitCode.INTERRUPTED
        if done.ran_out is None:
            return ExitCode.DONE
        cause = "--max-tokens" if done.ran_out is RanOut.TOKENS else done.ran_out.value
        self._environment.stderr.put(f"qwen3: the answer is cut short: {cause} was used up\n")
        return ExitCode.CUT_SHORT
