"""Drafts change how tokens are computed and not which they are."""

import random

import pytest
from support.generating import FILE, GREEDY, PLAN, QUESTION, WILD, generated

from qwen3cli.dialogue.sampling import sampling
from qwen3cli.engine.drafting import DraftingSequence
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.llama import Model
from qwen3cli.engine.lookup import Lookup
from qwen3cli.engine.pace import Pace
from qwen3cli.engine.types import TokenId

LAST_BITS = 1e-2  # of a logit: batches of other sizes are rounded otherwise
CALM = sampling({"temperature": 0.7})


class EveryTime(Pace):
    """Drafts wherever anything matches, whether it pays or not."""

    def draft_tokens(self, match_tokens):
        return 3 + match_tokens % 5


@pytest.fixture(scope="module")
def model():
    with Model.load(FILE, PLAN) as loaded:
        yield loaded


def question(text):
    return QUESTION.replace("Count to 100", text)


RANDOM = ["".join(random.Random(seed).choices("abcdefgh 0123456789+-", k=60)) for seed in range(2)]
COPIES = ["Sort: pear, fig, plum, pear, fig, plum, pear, fig, plum, pear", "What is 1111 + 1111?"]


@pytest.mark.parametrize("text", [*RANDOM, *COPIES])
@pytest.mark.parametrize("chosen_by", [GREEDY, CALM, WILD], ids=["greedy", "calm", "wild"])
def test_an_answer_with_drafts_is_the_answer_without(model, text, chosen_by):
    plain, drafting = KvCache(model, PLAN), KvCache(model, PLAN)
    expected, _, why = generated(model, plain, question(text), chosen_by=chosen_by, seed=7)
    sequence = DraftingSequence(drafting, EveryTime())
    actual, _, also = generated(model, sequence, question(text), chosen_by=chosen_by, seed=7)
    assert (actual, also) == (expected, why)
    assert sequence.used_tokens == plain.used_tokens
    plain.close()
    drafting.close()


def test_a_copy_is_drafted_and_an_edit_in_it_costs_one_draft(model):
    text = model.vocabulary.tokenize(
        "pear, fig, plum, 17 + 4 = 21, anon." * 3, control_tokens=False
    )
    edited = [*text[:30], text[0], *text[31:]]
    plain, cache = KvCache(model, PLAN), KvCache(model, PLAN)
    sequence = DraftingSequence(cache, EveryTime())
    for each in (plain, sequence):
        list(each.prefill(text, lambda: False))
    for token in edited:
        assert plain.append([token])
        assert sequence.append([token])
        rows = (each.logits.values() for each in (plain, sequence))
        assert abs(next(rows) - next(rows)).max() < LAST_BITS
    assert sequence.used_tokens == plain.used_tokens == len(text) + len(edited)
    assert sequence.drafted_tokens >= sequence.accepted_tokens > len(text) // 2
    plain.close()
    cache.close()


def test_the_last_place_of_the_longest_match_is_found():
    lookup = Lookup()
    lookup.extend(list(map(TokenId, [1, 2, 3, 4, 5, 6, 9, 2, 3, 4, 7, 8, 1, 2, 3, 4])))
    place, match = lookup.match()
    assert lookup.tokens[place : place + 2] == [7, 8]
    assert match == 3


def test_nothing_is_drafted_where_nothing_repeats():
    lookup = Lookup()
    lookup.extend(list(map(TokenId, range(50))))
    assert lookup.match() == (0, 0)


def test_drafts_that_never_hold_come_to_an_end():
    """On a machine where a batch costs what its tokens cost one by one there is nothing to be had."""
    pace = Pace()
    pace.measured(1, 0.01)
    tries = 0
    while length := pace.draft_tokens(match_tokens=32):
        tries += 1
        pace.measured(1 + length, 0.01 * (1 + length))
        pace.checked(32, length, 0, 0.01 * (1 + length))
        assert tries < 5
