"""The ways to answer that are compared: models, thinking, budgets and temperatures, every one with every other.

Knows no flags; loads each model once, one after the other, and asks it in each of its ways.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby, product

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.commands.loading import load_chosen
from qwen3cli.dialogue.events import Event
from qwen3cli.dialogue.messages import Message
from qwen3cli.dialogue.sampling import TEMPERATURE
from qwen3cli.engine.grammar import Grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.settings import TurnSettings, thinking_settings
from qwen3cli.turn.thinking import NO_LIMIT


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer. `budget_tokens` and `temperature` None: as the settings say."""

    choice: Choice
    think: bool | None = None
    budget_tokens: int | None = None
    temperature: float | None = None

    def settings(self, common: TurnSettings) -> TurnSettings:
        """The common settings, with what this way has of its own."""
        values = dict(common.values)
        if self.temperature is not None:
            values[TEMPERATURE.name] = self.temperature
        if self.think is None and self.budget_tokens is None:
            return replace(common, values=values)
        think, limits = thinking_settings(self.think, self.budget_tokens, None)
        return replace(common, think=think, limits=limits, values=values)


@dataclass(frozen=True, slots=True)
class Ways:
    """What was asked to be compared, in the order of the flags."""

    choices: Sequence[Choice]
    thinking: Sequence[bool] = ()
    budgets: Sequence[int] = ()
    temperatures: Sequence[float] = ()

    def all(self) -> list[Way]:
        """Every way, those of one model together.

        Raises:
            UsageProblem: budgets beside a choice of thinking, or a value out of range.
        """
        if self.budgets and self.thinking:
            raise UsageProblem(
                "--budgets say themselves whether to think: 0 is not at all",
                "drop --think and --no-think",
            )
        modes: list[tuple[bool | None, int | None]] = [(each, None) for each in self.thinking]
        modes += [(None, each) for each in self.budgets]
        temperatures: list[float | None] = [TEMPERATURE.checked(t) for t in self.temperatures]
        return [
            Way(choice, think, budget, temperature)
            for choice, (think, budget), temperature in product(
                self.choices, modes or [(None, None)], temperatures or [None]
            )
        ]

    def label(self, way: Way) -> str:
        """What tells this way from the others, and nothing that they share."""
        parts = [way.choice.title] if len(self.choices) > 1 else []
        if way.think is not None:
            parts.append("thinking" if way.think else "no thinking")
        if way.budget_tokens is not None:
            endless = way.budget_tokens == NO_LIMIT
            parts.append("no limit" if endless else f"budget {way.budget_tokens:,}")
        if way.temperature is not None:
            parts.append(f"temperature {way.temperature:g}")
        return ", ".join(parts) or way.choice.title


class Candidate:
    """One way, ready to answer."""

    def __init__(
        self, way: Way, loaded: LoadedModel, settings: TurnSettings, interrupts: Interrupts
    ) -> None:
        self.way = way
        self.memory_bytes = loaded.plan.sum.total_bytes
        self._loaded = loaded
        self._settings = settings
        self._interrupts = interrupts

    def answer(
        self, messages: Sequence[Message], grammar: Grammar | None = None
    ) -> Iterator[Event]:
        """Answer as if nothing had been asked before, held by the grammar if there is one.

        Raises:
            QwenError: it cannot be answered in this way.
        """
        choice, loaded = self.way.choice, self._loaded
        settings = replace(self.way.settings(self._settings), grammar=grammar)
        options = settings.options(
            loaded.template.switch,
            choice.title,
            choice.sampling_defaults(loaded.model.facts.architecture),
            messages,
        )
        with closing(loaded.turn(messages, options, self._interrupts)) as turn:
            for event in turn:
                self._interrupts.follow(event)
                yield event


def candidates(
    ways: Sequence[Way],
    settings: TurnSettings,
    options: LoadOptions,
    environment: Environment,
    interrupts: Interrupts,
) -> Generator[Candidate]:
    """Each way in turn; a model is loaded before its first way and closed behind its last.

    Raises:
        QwenError: a model cannot be loaded.
    """
    for choice, its_ways in groupby(ways, key=lambda way: way.choice):
        with closing(load_chosen(choice, options, environment, interrupts)) as loaded:
            for way in its_ways:
                yield Candidate(way, loaded, settings, interrupts)
