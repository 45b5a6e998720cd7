"""Conversations: tasks strung together, with and without thinking, rendered by the demo model's own chat template."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from qwen3cli.demo.training.corpus import letters, lists, sums, talk, tools
from qwen3cli.demo.training.corpus.task import Exchange
from qwen3cli.turn.thinking import EARLY_STOP

TEMPLATE = Path(__file__).parents[1] / "chat_template.jinja"

_TASKS: tuple[tuple[float, Callable[[Random], Exchange]], ...] = (
    (0.15, sums.addition),
    (0.13, sums.subtraction),
    (0.34, letters.count),
    (0.09, lists.sorting),
    (0.04, talk.greeting),
    (0.06, talk.other),
    (0.12, tools.tool_call),
    (0.05, tools.tool_result),
    (0.02, lambda random: tools.offered(random, _plain_task(random))),
)
_SYSTEMS = ("You are a helpful assistant.", "Answer briefly.", "You are kind.", "Be precise.")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the model reads, and what it must learn to write."""

    prompt: str
    completion: str


class Writer:
    """Writes samples without end."""

    def __init__(self, random: Random) -> None:
        self._random = random
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.filters["tojson"] = _to_json
        self._template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))

    def sample(self) -> Sample:
        """One conversation up to one answer."""
        random = self._random
        exchange = self._exchange()
        messages = self._history()
        switch = random.choices(
            ["plain", "hard off", "soft off", "soft on"], [0.74, 0.11, 0.09, 0.06]
        )[0]
        return self._rendered(exchange, messages, switch)

    def long_sample(self) -> Sample:
        """A tall answer or long thoughts."""
        random = self._random
        exchange = random.choice([lists.counting, lists.steps])(random, 300)
        return self._rendered(exchange, [], "plain" if random.random() < 0.8 else "hard off")

    def _exchange(self) -> Exchange:
        random = self._random
        if random.random() < 0.03:
            return random.choice([lists.counting, lists.steps])(random, 50)
        tasks = [task for _, task in _TASKS]
        return random.choices(tasks, [weight for weight, _ in _TASKS])[0](random)

    def _history(self) -> list[dict[str, Any]]:
        random = self._random
        messages: list[dict[str, Any]] = []
        if random.random() < 0.12:
            messages.append({"role": "system", "content": random.choice(_SYSTEMS)})
        for _ in range(random.choice([0, 0, 0, 0, 1, 1, 2])):
            past = _plain_task(random)
            messages.append({"role": "user", "content": past.question})
            messages.append({"role": "assistant", "content": past.answer})
        return messages

    def _rendered(self, exchange: Exchange, messages: list[dict[str, Any]], switch: str) -> Sample:
        question = {"role": "user", "content": exchange.question}
        messages = [*messages, question, *exchange.after]
        thinking = switch in ("plain", "soft on")
        if switch.startswith("soft"):
            self._set_soft_switches(messages, question, on=switch == "soft on")
        prompt = self._template.render(
            messages=messages,
            tools=list(exchange.tools) or None,
            add_generation_prompt=True,
            enable_thinking=switch != "hard off",
        )
        return Sample(prompt, self._completion(exchange, switch, thinking=thinking))

    def _set_soft_switches(
        self, messages: list[dict[str, Any]], question: dict[str, Any], *, on: bool
    ) -> None:
        """The last switch decides; an earlier one may say the opposite, and the last may stand in an earlier message."""
        wanted, opposite = ("/think", "/no_think") if on else ("/no_think", "/think")
        asked = [m for m in messages if m["role"] in ("user", "system")]
        last = question if self._random.random() < 0.7 else self._random.choice(asked)
        earlier = [m for m in asked if m is not last and messages.index(m) < messages.index(last)]
        if earlier and (on or self._random.random() < 0.4):
            self._add_switch(self._random.choice(earlier), opposite)
        self._add_switch(last, wanted)

    def _add_switch(self, message: dict[str, Any], switch: str) -> None:
        space = self._random.choice([" ", " ", "\n", ""])
        text = message["content"]
        message["content"] = (
            f"{text}{space}{switch}" if self._random.random() < 0.85 else f"{switch} {text}"
        )

    def _completion(self, exchange: Exchange, switch: str, *, thinking: bool) -> str:
        end = f"{exchange.answer}<|im_end|>\n"
        if switch == "hard off":
            return end
        if not thinking:
            return f"<think>\n\n</think>\n\n{end}"
        if self._random.random() < 0.06:
            cut = self._random.randrange(len(exchange.thoughts) + 1)
            return f"<think>\n{exchange.thoughts[:cut]}{EARLY_STOP}{end}"
        return f"<think>\n{exchange.thoughts}\n</think>\n\n{end}"


def _plain_task(random: Random) -> Exchange:
    return random.choice(
        [sums.addition, sums.subtraction, letters.count, talk.greeting, talk.other]
    )(random)


def _to_json(value: Any, **_options: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
