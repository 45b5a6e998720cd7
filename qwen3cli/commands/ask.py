"""`ask`: one prompt, one answer, made for pipelines.

Gathers the prompt, runs one turn, and turns its events into bytes and an exit code. Knows no flags.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qwen3cli import __version__
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, UsageProblem
from qwen3cli.commands.loading import load_dialogue
from qwen3cli.dialogue.events import (
    Event,
    FinishReason,
    PrefillProgress,
    TurnDone,
)
from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.documents.text import argument_text, decode_text, read_bounded, read_document
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.envelope import json_line
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.render.renderer import Renderer, Thoughts
from qwen3cli.render.status import StatusLine, prefill_text
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import Dialogue, assistant_message

STANDARD_INPUT = "-"  # as a prompt
_TO_STDERR = Path("-")


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Everything `ask` was told, but for the model. The prompt `-` is standard input, even that of a terminal."""

    prompt: str
    files: tuple[Path, ...] = ()
    system: str | None = None
    settings: TurnSettings = TurnSettings()
    json: bool = False
    show_prompt: bool = False
    hide_thoughts: bool = False
    thoughts_file: Path | None = None
    quiet: bool = False
    verbose: bool = False


def run_ask(
    request: AskRequest, choice: Choice, options: LoadOptions, environment: Environment
) -> ExitCode:
    """Answer the request on the environment's streams."""
    if request.json and request.show_prompt:
        raise UsageProblem("--json and --show-prompt contradict each other", "drop one of them")
    messages = request_messages(request, environment)
    _check_thoughts_file(request.thoughts_file)
    with Interrupts() as interrupts:
        dialogue = load_dialogue(
            choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
        )
        with closing(dialogue):
            run = _Run(request, dialogue, choice, environment)
            if request.show_prompt:
                return run.show_prompt(messages)
            return run.answer(messages, interrupts)


def request_messages(request: AskRequest, environment: Environment) -> list[Message]:
    """The messages of this request: the prompt first, then the files, then what came on standard input.

    Raises:
        UsageProblem: there is nothing to ask, or an input is no text.
    """
    documents = [read_document(path) for path in request.files]
    if request.prompt == STANDARD_INPUT or not environment.stdin_is_terminal:
        piped = decode_text(read_bounded(environment.stdin, "standard input"), "standard input")
        documents += [Document("", piped)] if piped.strip() else []
    typed = "" if request.prompt == STANDARD_INPUT else request.prompt
    prompt = argument_text(typed, "the prompt")
    question = Message(Role.USER, prompt.strip(), documents=tuple(documents))
    if not question.text:
        raise UsageProblem("there is no prompt", 'type one: qwen3 ask "Why is the sky blue?"')
    said = argument_text(request.system or "", "the system message")
    system = [Message(Role.SYSTEM, said)] if said else []
    return [*system, question]


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
        dialogue: Dialogue,
        choice: Choice,
        environment: Environment,
    ) -> None:
        self._request = request
        self._dialogue = dialogue
        self._choice = choice
        self._environment = environment
        self._status = StatusLine(environment, quiet=request.quiet)

    def show_prompt(self, messages: Sequence[Message]) -> ExitCode:
        """Print the exact prompt text, and its length on standard error."""
        prompt, tokens = self._dialogue.prompt(messages, self._options(messages))
        self._environment.stdout.put(prompt.shown())
        limit = self._dialogue.cache.limit_tokens
        self._environment.stderr.put(f"\n{len(tokens):,} tokens of {limit:,}\n")
        return ExitCode.DONE

    def answer(self, messages: Sequence[Message], interrupts: Interrupts) -> ExitCode:
        """Run the turn and show it."""
        renderer = self._renderer()
        events: list[Event] = []
        turn = self._dialogue.turn(messages, self._options(messages), interrupts)
        with closing(turn), closing(renderer):
            for event in turn:
                events.append(event)
                interrupts.follow(event)
                self._progress(event)
                renderer.handle(event)
        done = events[-1]
        assert isinstance(done, TurnDone)
        self._write_thoughts(assistant_message(events))
        if self._request.json:
            self._environment.stdout.put(json_line(_envelope(events, done, self._choice.title)))
        return self._outcome(done)

    def _options(self, messages: Sequence[Message]) -> Any:
        facts = self._dialogue.model.facts
        return self._request.settings.options(
            self._dialogue.template.switch,
            self._choice.title,
            self._choice.sampling_defaults(facts.architecture),
            messages,
        )

    def _renderer(self) -> Renderer:
        environment, request = self._environment, self._request
        if request.json:
            return _Silent()
        shown = environment.stderr_is_terminal and not request.quiet
        thoughts = not request.hide_thoughts and (shown or request.thoughts_file == _TO_STDERR)
        if environment.stdout_is_terminal and not environment.flag("QWEN3_PLAIN"):
            from qwen3cli.render.live import LiveRenderer  # noqa: PLC0415 - loads Rich

            return LiveRenderer(environment, Thoughts.SHOW if thoughts else Thoughts.HIDE)
        return PlainRenderer(environment, show_thoughts=thoughts)

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
        if done.finish is FinishReason.INTERRUPTED:
            return ExitCode.INTERRUPTED
        if done.finish is not FinishReason.LENGTH:
            return ExitCode.DONE
        cause = "--max-tokens was" if self._request.settings.max_tokens else "the context was"
        if self._dialogue.cache.is_short_of_memory:
            cause = "the memory for a longer context was"
        self._environment.stderr.put(f"qwen3: the answer is cut short: {cause} used up\n")
        return ExitCode.CUT_SHORT


class _Silent:
    """Shows nothing: the envelope will."""

    def handle(self, event: Event) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def _envelope(events: Sequence[Event], done: TurnDone, title: str) -> dict[str, Any]:
    """The JSON contract of `ask --json`; tests/test_ask.py pins it."""
    message = assistant_message(events)
    return {
        "answer": message.content,
        "thinking": message.thinking,
        "model": title,
        "finish_reason": done.finish.value,
        "usage": asdict(done.usage),
        "timings": {name: round(value, 4) for name, value in asdict(done.timings).items()},
        "seed": done.seed,
        "version": __version__,
    }
