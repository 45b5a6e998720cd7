"""The governor: when the thoughts have to end, and why."""

from random import Random

import pytest

from qwen3cli.dialogue.events import ThinkingEnd
from qwen3cli.turn.thinking import (
    NO_LIMIT,
    Governor,
    ThinkingLimits,
    is_repeating,
    next_budget,
)

PLENTY = 100_000


def think(
    governor: Governor, count: int, *, text: str = " word", seconds: float = 0.0, start: int = 0
):
    """Feed tokens until the governor stops; (tokens so far, reason), or None."""
    for number in range(count):
        end = governor.on_token(start + number, text, seconds, PLENTY, skip=False)
        if end is not None:
            return governor.tokens, end
    return None


def test_without_limits_the_thoughts_go_on():
    assert think(Governor(ThinkingLimits()), 5000) is None


def test_the_budget_lets_the_line_end():
    governor = Governor(ThinkingLimits(budget_tokens=100))
    assert think(governor, 103) is None
    assert governor.on_token(103, "done.\n", 0, PLENTY, skip=False) is ThinkingEnd.BUDGET


def test_the_grace_is_a_tenth_and_then_over():
    assert think(Governor(ThinkingLimits(budget_tokens=100)), 500) == (110, ThinkingEnd.BUDGET)
    assert think(Governor(ThinkingLimits(budget_tokens=10)), 500) == (18, ThinkingEnd.BUDGET)
    assert think(Governor(ThinkingLimits(budget_tokens=4096)), 9000) == (4160, ThinkingEnd.BUDGET)


def test_time_ends_the_thoughts_at_the_end_of_a_sentence():
    governor = Governor(ThinkingLimits(seconds=2.0))
    assert think(governor, 50, seconds=1.9) is None
    assert governor.on_token(50, " so", 2.1, PLENTY, skip=False) is None
    assert governor.on_token(51, " it is.", 2.2, PLENTY, skip=False) is ThinkingEnd.TIME


def test_a_skip_ends_them_at_once():
    assert (
        Governor(ThinkingLimits()).on_token(1, " and", 0, PLENTY, skip=True) is ThinkingEnd.SKIPPED
    )


def test_a_budget_that_is_changed_while_it_thinks_counts_from_the_first_thought():
    governor = Governor(ThinkingLimits())
    think(governor, 200)
    governor.limit(100)
    assert think(governor, 500) == (211, ThinkingEnd.BUDGET)
    raised = Governor(ThinkingLimits(budget_tokens=100))
    think(raised, 105)
    raised.limit(NO_LIMIT)
    assert think(raised, 500) is None


@pytest.mark.parametrize(
    ("budget", "up", "down"),
    [
        (0, 1024, 0),
        (1024, 4096, 0),
        (2000, 4096, 1024),
        (16384, NO_LIMIT, 4096),
        (99999, NO_LIMIT, 16384),
        (NO_LIMIT, NO_LIMIT, 16384),
    ],
)
def test_budgets_have_steps_and_ends(budget, up, down):
    assert (next_budget(budget, 1), next_budget(budget, -1)) == (up, down)


def test_room_is_kept_for_the_answer():
    governor = Governor(ThinkingLimits())
    ends = [governor.on_token(n, " x", 0, 400 - n, skip=False) for n in range(1, 400)]
    stopped = next(n for n, end in enumerate(ends, 1) if end is ThinkingEnd.ROOM)
    assert 400 - stopped >= 95


def test_thoughts_that_repeat_themselves_are_stopped():
    governor = Governor(ThinkingLimits())
    stretch = list(range(50))
    ends = [governor.on_token(token, " x", 0, PLENTY, skip=False) for token in stretch * 20]
    assert ThinkingEnd.LOOP in ends


def test_a_long_list_is_no_circle():
    random = Random(1)
    numbered = [part for n in range(400) for part in (n, 10_001, 10_002, random.randrange(9000))]
    assert not is_repeating(numbered)


def test_a_repeated_table_row_is_no_circle_until_it_is_long():
    assert not is_repeating([1, 2, 3, 4] * 30)
    assert is_repeating([1, 2, 3, 4] * 60)
