"""Turns of a loaded model, run for a command: each with its options, its progress on standard error, and why it ended.

Knows how turns are run; does not know what is asked, nor where an answer goes.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, CutShort, QwenError
from qwen3cli.dialogue.events import (
    AnswerDelta,
    CallProgress,
    Event,
    FinishReason,
    PrefillProgress,
    RanOut,
    TurnDone,
)
from qwen3cli.dialogue.messages import Message
from qwen3cli.models.choice import Choice
from qwen3cli.render.calls import progress_text
from qwen3cli.render.renderer import Renderer
from qwen3cli.render.status import READING, PrefillText, StatusLine
from qwen3cli.tools.toolkit import Toolkit
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.rounds import turn_messages
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.tool_loop import MAX_ROUNDS, turn_with_tools, with_tools
from qwen3cli.turn.turn import TurnOptions, assistant_message

_WHAT_RAN_OUT = {
    RanOut.TOKENS: ("--max-tokens was used up", "allow more: --max-tokens N"),
    RanOut.CONTEXT: ("the context was used up", "make room with --ctx N, or ask for a shorter one"),
    RanOut.MEMORY: ("the memory for a longer context was used up", "ask for a shorter one"),
    RanOut.PATIENCE: (
        "it said the same over and over",
        "bound it in the schema, with maxLength or maxItems, or take a larger model",
    ),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A turn that was run: how it ended, and all that happened."""

    done: TurnDone
    events: Sequence[Event]

    @property
    def message(self) -> Message:
        """All that the assistant said and thought, as one message."""
        return assistant_message(self.events)

    @property
    def messages(self) -> list[Message]:
        """What the turn adds to the conversation: one message or, where tools were called, those with their results."""
        return turn_messages(self.events)

    @property
    def answer(self) -> str:
        """What was said last, after the results of tools."""
        return "".join(each.content for each in self.messages[-1:])


class TurnRunner:
    """Runs turns on one model, one after another. With a toolkit its turns may call tools, for so many rounds."""

    def __init__(
        self,
        loaded: LoadedModel,
        choice: Choice,
        environment: Environment,
        interrupts: Interrupts,
        *,
        quiet: bool,
        kit: Toolkit | None = None,
        max_rounds: int = MAX_ROUNDS,
    ) -> None:
        self.loaded = loaded
        self._kit = kit
        self._max_rounds = max_rounds
        self.interrupts = interrupts
        self._choice = choice
        self._environment = environment
        self._status = StatusLine(environment, quiet=quiet)

    def options(self, settings: TurnSettings, messages: Sequence[Message]) -> TurnOptions:
        """How these settings have these messages answered by this model.

        Raises:
            UsageProblem: the model cannot do what the settings ask for.
        """
        options = settings.options(
            self.loaded.template.switch,
            self._choice.title,
            self._choice.sampling_defaults(self.loaded.model.facts.architecture),
            messages,
        )
        return options if self._kit is None else with_tools(options, self._kit, self.loaded)

    def show_prompt(self, messages: Sequence[Message], settings: TurnSettings) -> None:
        """Print the exact prompt text, and its length on standard error."""
        options = self.options(settings, messages)
        prompt, tokens = self.loaded.prompt(messages, options, self.interrupts, any_length=True)
        self._environment.stdout.put(prompt.text)
        limit = self.loaded.cache.limit_tokens
        self._environment.stderr.put(f"\n{len(tokens):,} tokens of {limit:,}\n")

    def run(
        self,
        messages: Sequence[Message],
        settings: TurnSettings,
        renderer: Renderer,
        unseen: str | None = None,
    ) -> Ran:
        """Run one turn and show it; the renderer is closed. Where its answer is not shown, `unseen` stands before the
        progress, which then goes on while the answer comes.

        Raises:
            QwenError: it could not be run.
        """
        return self.run_with(messages, self.options(settings, messages), renderer, unseen)

    def run_with(
        self,
        messages: Sequence[Message],
        options: TurnOptions,
        renderer: Renderer,
        unseen: str | None = None,
    ) -> Ran:
        """The same, with options that are settled."""
        events: list[Event] = []
        tokens, reading = 0, PrefillText()
        turn = self._turn(messages, options)
        self._status.show(f"{unseen or ''}{READING}")
        with closing(turn), closing(renderer), self._status:
            for event in turn:
                events.append(event)
                self.interrupts.follow(event)
                renderer.handle(event)
                if isinstance(event, PrefillProgress):
                    self._status.show(f"{unseen or ''}{reading(event)}")
                elif isinstance(event, CallProgress):
                    self._status.show(progress_text(event))
                elif unseen is not None and isinstance(event, AnswerDelta):
                    tokens += 1
                    self._status.show(f"{unseen}{tokens:,} tokens of the answer")
                else:
                    self._status.clear()
        done = events[-1]
        assert isinstance(done, TurnDone)
        return Ran(done, events)

    def _turn(self, messages: Sequence[Message], options: TurnOptions) -> Generator[Event]:
        loaded, interrupts = self.loaded, self.interrupts
        if self._kit is None:
            return loaded.turn(messages, options, interrupts)
        return turn_with_tools(loaded, messages, options, interrupts, self._kit, self._max_rounds)


def cut_off(done: TurnDone) -> QwenError | None:
    """Why a turn's answer is not whole, if it is not."""
    if done.finish is FinishReason.INTERRUPTED:
        return AnswerStopped("interrupted")
    if done.ran_out is not None:
        cause, hint = _WHAT_RAN_OUT[done.ran_out]
        return CutShort(f"the answer is cut short: {cause}", hint)
    return None
