"""Turns of a loaded model, run for a command: each with its options, its progress on standard error, and why it ended.

Knows how turns are run; does not know what is asked, nor where an answer goes.
"""

from collections.abc import Sequence
from contextlib import closing

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, CutShort, QwenError
from qwen3cli.dialogue.events import (
    AnswerDelta,
    Event,
    FinishReason,
    PrefillProgress,
    RanOut,
    TurnDone,
)
from qwen3cli.dialogue.messages import Message
from qwen3cli.models.choice import Choice
from qwen3cli.render.renderer import Renderer
from qwen3cli.render.status import READING, StatusLine, prefill_text
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import TurnOptions, assistant_message


class TurnRunner:
    """Runs turns on one model, one after another."""

    def __init__(
        self,
        loaded: LoadedModel,
        choice: Choice,
        environment: Environment,
        interrupts: Interrupts,
        *,
        quiet: bool,
    ) -> None:
        self.loaded = loaded
        self.interrupts = interrupts
        self._choice = choice
        self._environment = environment
        self._status = StatusLine(environment, quiet=quiet)

    def options(self, settings: TurnSettings, messages: Sequence[Message]) -> TurnOptions:
        """How these settings have these messages answered by this model.

        Raises:
            UsageProblem: the model cannot do what the settings ask for.
        """
        return settings.options(
            self.loaded.template.switch,
            self._choice.title,
            self._choice.sampling_defaults(self.loaded.model.facts.architecture),
            messages,
        )

    def show_prompt(self, messages: Sequence[Message], settings: TurnSettings) -> None:
        """Print the exact prompt text, and its length on standard error."""
        options = self.options(settings, messages)
        prompt, tokens = self.loaded.prompt(messages, options, self.interrupts, any_length=True)
        self._environment.stdout.put(prompt.shown())
        limit = self.loaded.cache.limit_tokens
        self._environment.stderr.put(f"\n{len(tokens):,} tokens of {limit:,}\n")

    def run(
        self,
        messages: Sequence[Message],
        settings: TurnSettings,
        renderer: Renderer,
        unseen: str | None = None,
    ) -> tuple[TurnDone, Message]:
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
    ) -> tuple[TurnDone, Message]:
        """The same, with options that are settled."""
        events: list[Event] = []
        tokens = 0
        turn = self.loaded.turn(messages, options, self.interrupts)
        self._status.show(f"{unseen or ''}{READING}")
        with closing(turn), closing(renderer), self._status:
            for event in turn:
                events.append(event)
                self.interrupts.follow(event)
                renderer.handle(event)
                if isinstance(event, PrefillProgress):
                    self._status.show(f"{unseen or ''}{prefill_text(event)}")
                elif unseen is not None and isinstance(event, AnswerDelta):
                    tokens += 1
                    self._status.show(f"{unseen}{tokens:,} tokens of the answer")
                else:
                    self._status.clear()
        done = events[-1]
        assert isinstance(done, TurnDone)
        return done, assistant_message(events)


def cut_off(done: TurnDone) -> QwenError | None:
    """Why a turn's answer is not whole, if it is not."""
    if done.finish is FinishReason.INTERRUPTED:
        return AnswerStopped("interrupted")
    if done.ran_out is not None:
        cause = "--max-tokens" if done.ran_out is RanOut.TOKENS else done.ran_out.value
        return CutShort(f"the answer is cut short: {cause} was used up")
    return None
