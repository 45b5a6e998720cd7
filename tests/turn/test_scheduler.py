"""Many conversations at once on the real engine."""

from typing import Any

import pytest

from qwen3cli.base.errors import PromptTooLong
from qwen3cli.demo import model_path
from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import AnswerDelta, FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.sampling import DEMO, sampling
from qwen3cli.engine.grammar import schema_grammar
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import choose
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.scheduler import Scheduler
from qwen3cli.turn.thinking import ThinkingLimits
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.turn import TurnOptions, assistant_message

SCHEMA = schema_grammar(
    {
        "type": "object",
        "properties": {"sum": {"type": "integer", "maximum": 999}},
        "required": ["sum"],
        "additionalProperties": False,
    }
)
THINKING = TurnOptions(thinking=True, sampling=sampling(DEMO.thinking, {}), seed=3)


class Stop(NoControl):
    """Somebody who has heard enough."""

    def should_stop(self):
        return True


@pytest.fixture(scope="module")
def loaded():
    resources = this_machine({}, measured=False).resources
    options = LoadOptions(context_tokens=512)
    model = load_model(prepare(choose(str(model_path()), {}), options, resources), lambda _: True)
    yield model
    model.close()


def asked(count):
    return [[Message(Role.USER, f"What is {7 * n + 12} + {n * n}?")] for n in range(count)]


def answered(loaded, slots, conversations, options, controls=None):
    """What each conversation was told."""
    told: list[list[Any]] = [[] for _ in conversations]
    with Scheduler(loaded, slots) as scheduler:
        for messages, each, control in zip(
            conversations, told, controls or [NoControl()] * len(told), strict=True
        ):
            scheduler.submit(messages, options, control, each.append)
        while not scheduler.is_idle:
            scheduler.advance()
    return told


def alone(loaded, conversations, options):
    return [list(loaded.turn(messages, options, NoControl())) for messages in conversations]


def finished(events):
    return assistant_message(events), events[-1].finish


@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"limits": ThinkingLimits(budget_tokens=12)},
        {"grammar": SCHEMA},
        {"begin": "It is ", "stops": ("=",)},
        {"max_tokens": 30},
    ],
    ids=["free", "budget", "grammar", "begin and stop", "cut"],
)
def test_a_turn_is_the_same_together_with_others_as_alone(loaded, slots, options):
    options = TurnOptions(THINKING.thinking, THINKING.sampling, seed=3, **options)
    conversations = asked(10)
    together = answered(loaded, slots, conversations, options)
    expected = alone(loaded, conversations, options)
    assert [finished(each) for each in together] == [finished(each) for each in expected]


def test_contexts_grow_together_and_nothing_changes(loaded):
    wild = TurnOptions(False, sampling(DEMO.direct, {"temperature": 5.0}), seed=3, max_tokens=300)
    conversations = asked(5)
    together = answered(loaded, 3, conversations, wild)
    assert [finished(each) for each in together] == [
        finished(each) for each in alone(loaded, conversations, wild)
    ]


def test_one_that_is_stopped_or_too_long_is_no_others_affair(loaded):
    conversations = asked(4)
    conversations[2] = [Message(Role.USER, "sum " * 600)]
    controls = [NoControl(), Stop(), NoControl(), NoControl()]
    told = answered(loaded, 2, conversations, THINKING, controls)
    assert isinstance(told[2][-1], PromptTooLong)
    assert told[1][-1].__class__.__name__ in ("Interrupted", "TurnDone")
    expected = alone(loaded, conversations[::3], THINKING)
    assert [finished(each) for each in told[::3]] == [finished(each) for each in expected]


def test_requests_come_while_others_are_answered(loaded):
    conversations = asked(6)
    told: list[list[Any]] = [[] for _ in conversations]
    with Scheduler(loaded, 2) as scheduler:
        for messages, each in zip(conversations, told, strict=True):
            scheduler.submit(messages, THINKING, NoControl(), each.append)
            for _ in range(9):
                scheduler.advance()
        while not scheduler.is_idle:
            scheduler.advance()
    expected = alone(loaded, conversations, THINKING)
    assert [finished(each) for each in told] == [finished(each) for each in expected]


def test_a_context_without_memory_to_grow_ends_the_answers_and_keeps_them(loaded, monkeypatch):
    monkeypatch.setattr(
        "qwen3cli.turn.loaded_model.has_room", lambda _p, _m, size, _n=1: size <= 256
    )
    wild = TurnOptions(False, sampling(DEMO.direct, {"temperature": 5.0}), seed=3, max_tokens=400)
    for events in answered(loaded, 2, asked(3), wild):
        done = events[-1]
        assert isinstance(done, TurnDone)
        assert done.finish in (FinishReason.LENGTH, FinishReason.STOP)
        assert any(isinstance(each, AnswerDelta) for each in events)
