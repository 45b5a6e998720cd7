"""The token loop and the KV cache on the real engine: exact, repeatable, cancellable."""

import pytest

from qwen3cli.base.errors import DoesNotFit, Interrupted, PromptTooLong
from qwen3cli.demo import model_path
from qwen3cli.dialogue.sampling import sampling
from qwen3cli.engine.bindings import native_log
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.llama import Model
from qwen3cli.engine.loop import End, Generation
from qwen3cli.engine.sampler import Sampler
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

GREEDY = sampling({"temperature": 0.0})
WILD = sampling({"temperature": 5.0})  # next to noise, so that it does not end by itself
FILE = read_model(model_path())
QUESTION = (
    "<|im_start|>user\nCount to 100<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
)


def plan_with(**options):
    """A plan for the demo model without a GPU."""
    return plan_for(shape_of_file(FILE), Resources(0), LoadOptions(threads=1, **options))


PLAN = plan_with()


@pytest.fixture(scope="module")
def model():
    with Model.load(FILE, PLAN) as loaded:
        yield loaded


def generated(model, sequence, text, *, chosen_by=GREEDY, seed=1, count=120):
    """The tokens after a prompt, and how many of the prompt's were cached."""
    sampler = Sampler(chosen_by, seed, model.vocabulary.size)
    generation = Generation(model.vocabulary, sequence, sampler, count)
    prompt = model.vocabulary.tokenize(text, control_tokens=True)
    cached = [cached for _, cached in generation.prefill(prompt, lambda: False)][-1]
    tokens = []
    while generation.prepare() and not isinstance(piece := generation.step(), End):
        tokens.append(piece.token)
    sampler.close()
    return tokens, cached, piece


@pytest.fixture
def sequence(model):
    opened = KvCache(model, PLAN)
    yield opened
    opened.close()


def test_a_prompt_that_shares_its_beginning_is_not_computed_again(model, sequence):
    longer = QUESTION + "1\n2\n"
    generated(model, sequence, QUESTION)
    warm, cached, _ = generated(model, sequence, longer)
    with_fresh_cache = KvCache(model, PLAN)
    cold, nothing, _ = generated(model, with_fresh_cache, longer)
    with_fresh_cache.close()
    assert cached >= len(model.vocabulary.tokenize(QUESTION, control_tokens=True))
    assert nothing == 0
    assert warm == cold


def test_growing_the_context_changes_nothing(model, monkeypatch):
    whole = KvCache(model, PLAN)
    expected, _, _ = generated(model, whole, QUESTION, count=290)
    whole.close()
    monkeypatch.setattr("qwen3cli.engine.kv_cache._FIRST_ROOM_TOKENS", 1)
    growing = KvCache(model, PLAN)
    actual, _, _ = generated(model, growing, QUESTION, count=290)
    grown_to = growing.context.size_tokens
    growing.close()
    assert actual == expected
    assert grown_to > 256


def test_a_context_that_cannot_double_grows_to_what_is_needed(model, monkeypatch):
    monkeypatch.setattr("qwen3cli.engine.kv_cache._FIRST_ROOM_TOKENS", 1)
    tight = KvCache(model, PLAN, may_grow_to=lambda tokens: tokens != 1024)
    generated(model, tight, QUESTION, count=290)
    assert tight.context.size_tokens == 768
    tight.close()


def test_a_context_that_cannot_grow_ends_the_answer_and_keeps_it(model, monkeypatch):
    monkeypatch.setattr("qwen3cli.engine.kv_cache._FIRST_ROOM_TOKENS", 1)
    small = KvCache(model, PLAN, may_grow_to=lambda tokens: tokens <= 256)
    tokens, _, end = generated(model, small, QUESTION, count=400)
    small.close()
    assert end is End.ROOM
    assert len(tokens) > 200
    with pytest.raises(DoesNotFit):
        generated(model, KvCache(model, PLAN, may_grow_to=lambda _tokens: False), QUESTION)


def test_the_same_seed_repeats_and_another_does_not(model, sequence):
    runs = [
        generated(model, sequence, QUESTION, chosen_by=WILD, seed=seed, count=40)[0]
        for seed in (7, 7, 8)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_prompt_longer_than_the_context_is_refused_with_the_sizes(model):
    short = KvCache(model, plan_with(context_tokens=256))
    with pytest.raises(
        PromptTooLong, match="the prompt has 300 tokens, the context holds 256"
    ) as refused:
        list(
            short.prefill(model.vocabulary.tokenize("a" * 300, control_tokens=False), lambda: False)
        )
    assert "--ctx 1024" in refused.value.hint


def test_prefill_can_be_stopped_inside_a_chunk(model, sequence):
    asked = []

    def stop_at_the_tenth_question() -> bool:
        asked.append(True)
        return len(asked) > 10

    prompt = model.vocabulary.tokenize("b" * 3000, control_tokens=False)
    done = list(sequence.prefill(prompt, stop_at_the_tenth_question))
    assert done[-1][0] < 3000
    again = list(sequence.prefill(prompt, lambda: False))
    assert again[-1][0] == 3000


@pytest.mark.parametrize(
    ("tokens", "reports"),
    [(60, [60]), (100, [32, 100]), (1200, [32, 96, 224, 480, 992, 1200])],
)
def test_prefill_reports_its_progress_early_and_then_in_larger_steps(
    model, sequence, tokens, reports
):
    prompt = model.vocabulary.tokenize("c" * tokens, control_tokens=False)
    assert [done for done, _ in sequence.prefill(prompt, lambda: False)] == [0, *reports]


def test_loading_can_be_stopped():
    with pytest.raises(Interrupted):
        Model.load(FILE, PLAN, lambda _share: False)


@pytest.mark.parametrize("kv_type", list(KvType))
def test_every_kv_type_counts_right(model, kv_type):
    sequence = KvCache(model, plan_with(kv_type=kv_type))
    tokens, _, _ = generated(model, sequence, QUESTION, count=12)
    text = b"".join(model.vocabulary.piece(token) for token in tokens).decode()
    sequence.close()
    assert text.startswith("1\n2\n3\n")


def test_bytes_of_one_character_in_several_tokens_become_one_character(model, sequence):
    sampler = Sampler(GREEDY, 1, model.vocabulary.size)
    generation = Generation(model.vocabulary, sequence, sampler, None)
    list(generation.prefill(model.vocabulary.tokenize("x", control_tokens=False), lambda: False))
    pieces = generation.force("日😀")
    sampler.close()
    assert [piece.text for piece in pieces] == ["", "", "日", "", "", "", "😀"]


def test_markers_are_tokens_only_where_they_may_be(model):
    assert len(model.vocabulary.tokenize("<|im_end|>", control_tokens=True)) == 1
    assert len(model.vocabulary.tokenize("<|im_end|>", control_tokens=False)) > 1


def test_the_log_of_llama_cpp_reaches_neither_stream(model, capfd):
    KvCache(model, PLAN).close()
    assert capfd.readouterr() == ("", "")
    assert native_log().lines  # it was said, and kept for --verbose
