"""What the user asked for, before and after it is known which model has to do it.

A wish that the model file cannot fulfil is refused here, with the model to use instead: a switch that does nothing
would be a lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.messages import Message
from qwen3cli.dialogue.prompt import ThinkingSwitch
from qwen3cli.dialogue.sampling import MAX_TOKENS, SEED, SamplingDefaults, Setting, sampling
from qwen3cli.dialogue.switches import no_think_typed
from qwen3cli.engine.grammar import Grammar
from qwen3cli.turn.thinking import NO_LIMIT, ThinkingLimits
from qwen3cli.turn.turn import TurnOptions


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """One user's settings for turns. `think` None is the model's own habit; `values` are those of `dialogue/sampling`
    that were given, by name."""

    think: bool | None = None
    limits: ThinkingLimits = ThinkingLimits()
    values: Mapping[str, float] = field(default_factory=dict)
    grammar: Grammar | None = None
    begin: str = ""
    stops: tuple[str, ...] = ()
    logprobs: int | None = None
    tells_context: bool = False

    @property
    def max_tokens(self) -> int | None:
        """The most tokens of one answer; None: as many as the context holds."""
        return self._whole(MAX_TOKENS)

    def options(
        self,
        switch: ThinkingSwitch,
        title: str,
        defaults: SamplingDefaults,
        messages: Sequence[Message],
    ) -> TurnOptions:
        """How to run the next turn on a model that can do what `switch` says.

        Raises:
            UsageProblem: the model cannot switch its thinking that way, or a value is out of range.
        """
        thinking = self._thinking(switch, title)
        thinks_now = thinking and not (switch is ThinkingSwitch.HYBRID and no_think_typed(messages))
        return TurnOptions(
            thinking=thinking,
            sampling=sampling(defaults.thinking if thinks_now else defaults.direct, self.values),
            limits=self.limits,
            max_tokens=self.max_tokens,
            seed=self._whole(SEED),
            grammar=self.grammar,
            begin=self.begin,
            stops=self.stops,
            logprobs=self.logprobs,
            tells_context=self.tells_context,
        )

    def _whole(self, setting: Setting) -> int | None:
        value = self.values.get(setting.name)
        return None if value is None else int(setting.checked(value))

    def _thinking(self, switch: ThinkingSwitch, title: str) -> bool:
        if switch is ThinkingSwitch.ALWAYS and self.think is False:
            raise UsageProblem(
                f"{title} always thinks: its file has no switch",
                "use a hybrid model, for example --size 4b, or bound it with --budget 256",
            )
        if switch is ThinkingSwitch.NEVER and self.think:
            raise UsageProblem(
                f"{title} never thinks: its file has no switch",
                "use a hybrid model, for example --size 4b",
            )
        if switch is ThinkingSwitch.HYBRID:
            return self.think is not False
        return switch is ThinkingSwitch.ALWAYS


def thinking_settings(
    think: bool | None, budget_tokens: int | None, seconds: float | None
) -> tuple[bool | None, ThinkingLimits]:
    """Put the switch and the limits together: a budget of 0 is off, any other limit asks for thinking.

    Raises:
        UsageProblem: they contradict each other.
    """
    limited = budget_tokens is not None or seconds is not None
    if budget_tokens == 0 or seconds == 0:
        if think:
            raise UsageProblem(
                "--think and a thinking limit of 0 contradict each other", "drop one of them"
            )
        return False, ThinkingLimits()
    if think is False and limited:
        raise UsageProblem(
            "--no-think and a thinking limit contradict each other", "drop one of them"
        )
    limits = ThinkingLimits(NO_LIMIT if budget_tokens is None else budget_tokens, seconds)
    return (True if limited and budget_tokens != NO_LIMIT else think), limits
