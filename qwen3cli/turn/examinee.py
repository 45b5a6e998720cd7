"""A loaded model that is asked small questions, every time as if for the first time. Knows no right answers."""

from dataclasses import dataclass
from typing import Any

from qwen3cli.dialogue.control import Control
from qwen3cli.dialogue.events import BadToolCall, PrefillProgress, ThinkingClosed, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.prompt import ThinkingSwitch
from qwen3cli.dialogue.sampling import TEMPERATURE, SamplingDefaults, sampling
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.turn import TurnOptions, assistant_message

# A model that loops must not hold the trials up; 478 + 856 took the demo model 62 tokens of thought, and a real one
# some hundreds.
MOST_TOKENS = 1024
SEED = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model did with one question."""

    thinking: str
    answer: str
    calls: tuple[Any, ...]
    bad_calls: int
    closed: ThinkingClosed | None
    done: TurnDone


class Examinee:
    """A loaded model to ask, every time as if for the first time."""

    def __init__(self, loaded: LoadedModel, defaults: SamplingDefaults, control: Control) -> None:
        self.loaded = loaded
        self._defaults = defaults
        self._control = control

    @property
    def switch(self) -> ThinkingSwitch:
        """How its thinking can be switched."""
        return self.loaded.template.switch

    @property
    def stopped(self) -> bool:
        """Whether the user has had enough."""
        return self._control.should_stop()

    def ask(
        self, text: str, *, think: bool = False, greedy: bool = True, system: str = "", **told: Any
    ) -> Answered:
        """Have a question answered. `told` are further fields of `TurnOptions`.

        Raises:
            QwenError: it cannot be answered.
        """
        values = self._defaults.thinking if think else self._defaults.direct
        options = TurnOptions(
            thinking=think and self.switch is not ThinkingSwitch.NEVER,
            sampling=sampling(values, {TEMPERATURE.name: 0.0} if greedy else {}),
            seed=SEED,
            **{"max_tokens": MOST_TOKENS, **told},
        )
        messages = [Message(Role.SYSTEM, system)] if system else []
        messages.append(Message(Role.USER, text))
        self.loaded.cache.close()  # what is left of the last question must not help or hurt
        events = [
            event
            for event in self.loaded.turn(messages, options, self._control)
            if not isinstance(event, PrefillProgress)
        ]
        message, done = assistant_message(events), events[-1]
        assert isinstance(done, TurnDone)
        return Answered(
            message.thinking.strip(),
            message.content.strip(),
            message.tool_calls,
            sum(isinstance(event, BadToolCall) for event in events),
            next((event for event in events if isinstance(event, ThinkingClosed)), None),
            done,
        )
