"""Small trials on a loaded model: does it do what its file says?

Each asks the model something whose right outcome is known, and says whether it came. Greedy sampling and short answers,
so that all of them take about a minute on a real model. Prints nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import FormatNotMet
from qwen3cli.dialogue.events import (
    FinishReason,
)
from qwen3cli.dialogue.prompt import ThinkingSwitch
from qwen3cli.turn.answer_format import schema_format
from qwen3cli.turn.examinee import MOST_TOKENS, SEED, Answered, Examinee
from qwen3cli.turn.thinking import ThinkingLimits

_SHORT_TOKENS = 64
_BUDGET_TOKENS = 32
_NEEDLE_AT_TOKENS = 2000
_NEEDLE = "The word of the day is marzipan."
_HAY = "The grass is green, the sky is blue and the river is long.\n"
_SUM, _TOTAL = "What is 478 + 856?", "1334"
_TEXT = "你好，世界。日本語 한국어 العربية हिन्दी 👩‍🚀 🇫🇷 naïve"
_REPLACEMENT = "\ufffd"
# What `fit` promises is a bound by memory bandwidth; a build that reaches less than this share of it lacks something.
_PROMISED_SHARE = 0.3
# Below this a token is not bound by memory, and the promise says nothing.
_BOUND_FROM_BYTES = 100 * 2**20
# Bounded in all its parts: a weak model writes a string without end.
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 20},
        "inhabitants": {"type": "integer", "minimum": 0, "maximum": 99_999_999},
        "rivers": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 2},
    },
    "required": ["city", "inhabitants", "rivers"],
    "additionalProperties": False,
}
_WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "The city's name"}},
            "required": ["city"],
        },
    },
}


class Verdict(StrEnum):
    """What came of a trial. The values are part of the JSON that `models check` prints."""

    HOLDS = "holds"
    FAILS = "fails"
    SKIPPED = "skipped"  # the model does not claim it


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial's verdict, and what was found in a few words."""

    verdict: Verdict
    found: str


@dataclass(frozen=True, slots=True)
class Check:
    """One trial: what must hold, and how it is found out."""

    name: str
    run: Callable[[Examinee], Outcome]


def run_checks(examinee: Examinee, checks: Sequence[Check]) -> Iterator[tuple[Check, Outcome]]:
    """Each trial with its outcome, as it comes; none more once the user has stopped."""
    for check in checks:
        outcome = check.run(examinee)
        if examinee.stopped:
            return
        yield check, outcome


def _judged(holds: bool, found: str) -> Outcome:
    return Outcome(Verdict.HOLDS if holds else Verdict.FAILS, found)


def _skipped(reason: str) -> Outcome:
    return Outcome(Verdict.SKIPPED, reason)


def _thinks(examinee: Examinee) -> Outcome:
    if examinee.switch is ThinkingSwitch.NEVER:
        return _skipped("it never thinks, by its own template")
    answered = examinee.ask(_SUM, think=True)
    return _judged(bool(answered.thinking), f"{answered.done.usage.thinking_tokens} tokens")


def _answers_at_once(examinee: Examinee) -> Outcome:
    if examinee.switch is ThinkingSwitch.ALWAYS:
        return _skipped("it always thinks, by its own template")
    answered = examinee.ask(_SUM)
    return _judged(not answered.thinking, _thought(answered))


def _soft_switch_off(examinee: Examinee) -> Outcome:
    if examinee.switch is not ThinkingSwitch.HYBRID:
        return _skipped("it has no switch")
    answered = examinee.ask(f"{_SUM} /no_think", think=True)
    return _judged(not answered.thinking, _thought(answered))


def _soft_switch_on(examinee: Examinee) -> Outcome:
    if examinee.switch is not ThinkingSwitch.HYBRID:
        return _skipped("it has no switch")
    answered = examinee.ask(f"{_SUM} /think", think=True, system="Be brief. /no_think")
    return _judged(bool(answered.thinking), _thought(answered))


def _thought(answered: Answered) -> str:
    tokens = answered.done.usage.thinking_tokens
    return f"{tokens} tokens of thought" if answered.thinking else "no thought"


def _budget(examinee: Examinee) -> Outcome:
    if examinee.switch is ThinkingSwitch.NEVER:
        return _skipped("it never thinks")
    limits = ThinkingLimits(budget_tokens=_BUDGET_TOKENS)
    answered = examinee.ask(_SUM, think=True, limits=limits)
    tokens = answered.done.usage.thinking_tokens
    kept = tokens <= limits.most_tokens and bool(answered.answer)
    after = "then an answer" if answered.answer else "then no answer"
    return _judged(kept, f"{tokens} tokens for {_BUDGET_TOKENS} and the end of a sentence, {after}")


def _ends(examinee: Examinee) -> Outcome:
    think = examinee.switch is ThinkingSwitch.ALWAYS
    answered = examinee.ask("Say hello.", think=think)
    usage = answered.done.usage
    ended = answered.done.finish in (FinishReason.STOP, FinishReason.BUDGET_THEN_STOP)
    return _judged(ended, f"after {usage.thinking_tokens + usage.answer_tokens} tokens")


def _calls_a_tool(examinee: Examinee) -> Outcome:
    think = examinee.switch is ThinkingSwitch.ALWAYS
    answered = examinee.ask(
        "Use the tool get_weather with city Paris.", think=think, tools=(_WEATHER,)
    )
    if not answered.calls:
        return _judged(False, "a call that cannot be read" if answered.bad_calls else "no call")
    call = answered.calls[0]
    right = call.name == "get_weather" and isinstance(call.arguments.get("city"), str)
    return _judged(right, f"{call.name}({', '.join(call.arguments)})")


def _keeps_a_schema(examinee: Examinee) -> Outcome:
    form = schema_format(json.dumps(_SCHEMA))
    answered = examinee.ask(
        "Describe Paris as JSON.",
        grammar=form.grammar,
        think=examinee.switch is ThinkingSwitch.ALWAYS,
    )
    try:
        form.check(answered.answer)
    except FormatNotMet as problem:
        return _judged(False, problem.message)
    return _judged(True, f"{answered.done.usage.answer_tokens} tokens")


def _adds_with_thoughts(examinee: Examinee) -> Outcome:
    if examinee.switch is ThinkingSwitch.NEVER:
        return _skipped("it never thinks")
    return _judged_sum(examinee.ask(_SUM, think=True), _TOTAL)


def _adds_without(examinee: Examinee) -> Outcome:
    if examinee.switch is ThinkingSwitch.ALWAYS:
        return _skipped("it always thinks")
    return _judged_sum(examinee.ask("What is 2 + 3?", max_tokens=_SHORT_TOKENS), "5")


def _judged_sum(answered: Answered, total: str) -> Outcome:
    said = answered.answer.replace(",", "")
    return _judged(total in said, said[-_SHORT_TOKENS:].splitlines()[-1] if said else "no answer")


def _keeps_characters(examinee: Examinee) -> Outcome:
    vocabulary = examinee.loaded.model.vocabulary
    tokens = vocabulary.tokenize(_TEXT, control_tokens=False)
    again = b"".join(map(vocabulary.piece, tokens)).decode("utf-8", "replace")
    if again != _TEXT:
        return _judged(False, f"read and written again it is {again}")
    answered = examinee.ask("你好", think=examinee.switch is ThinkingSwitch.ALWAYS)
    whole = _REPLACEMENT not in answered.answer + answered.thinking
    return _judged(whole, f"{len(tokens)} tokens for {len(_TEXT)} characters")


def _finds_a_needle(examinee: Examinee) -> Outcome:
    loaded = examinee.loaded
    if loaded.plan.limit_tokens < _NEEDLE_AT_TOKENS + MOST_TOKENS:
        return _skipped(f"its context holds {loaded.plan.limit_tokens:,} tokens")
    each = len(loaded.model.vocabulary.tokenize(_HAY, control_tokens=False))
    half = _HAY * (_NEEDLE_AT_TOKENS // each // 2)
    answered = examinee.ask(
        f"{half}{_NEEDLE}\n{half}\nWhat is the word of the day?",
        think=examinee.switch is ThinkingSwitch.ALWAYS,
    )
    found = "marzipan" in answered.answer.lower()
    return _judged(found, f"in {answered.done.usage.prompt_tokens:,} tokens")


def _repeats_itself(examinee: Examinee) -> Outcome:
    think = examinee.switch is not ThinkingSwitch.NEVER
    first, second = (
        examinee.ask("Tell me a story.", think=think, greedy=False, max_tokens=_SHORT_TOKENS)
        for _ in range(2)
    )
    same = (first.thinking, first.answer) == (second.thinking, second.answer)
    return _judged(same, f"seed {SEED}, twice")


def _is_as_fast(examinee: Examinee) -> Outcome:
    plan = examinee.loaded.plan
    promised = plan.tokens_per_second
    if promised is None or plan.sum.weights_bytes < _BOUND_FROM_BYTES:
        return _skipped("it is too small to be bound by memory")
    answered = examinee.ask("Count from one to a hundred in words.", max_tokens=_SHORT_TOKENS)
    measured = answered.done.timings.decode_tokens_per_second
    found = f"{measured:.1f} tokens/s, at most {promised:.1f} were promised"
    return _judged(measured >= _PROMISED_SHARE * promised, found)


CHECKS = (
    Check("thinks when it is to", _thinks),
    Check("answers at once when it is to", _answers_at_once),
    Check("/no_think switches the thoughts off", _soft_switch_off),
    Check("/think switches them on again", _soft_switch_on),
    Check("keeps a thinking budget", _budget),
    Check("ends its turn", _ends),
    Check("calls a tool that is offered", _calls_a_tool),
    Check("keeps a schema", _keeps_a_schema),
    Check("adds, with thoughts", _adds_with_thoughts),
    Check("adds, without", _adds_without),
    Check("keeps Chinese and emoji whole", _keeps_characters),
    Check("finds a needle in 2,000 tokens", _finds_a_needle),
    Check("says the same for the same seed", _repeats_itself),
    Check("is as fast as was promised", _is_as_fast),
)
