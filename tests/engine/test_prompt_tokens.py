"""A prompt is tokenized in parts, and gets the tokens of the whole."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.parrot import write_parrot

from qwen3cli.demo import model_path
from qwen3cli.engine import cuts
from qwen3cli.engine.llama import Model
from qwen3cli.engine.prompt_tokens import prompt_tokens
from qwen3cli.engine.vocabulary import Vocabulary
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

WORDS = (
    "a", "Hello", " world", "don't", "I'll", "1", "234", " 5", "\n", "\n\n", " ", "   ", "\t", "\r\n", "x = f(y);", "...", "!?",
    "你好", "世界。", "，", "日本語", "привет", "é", "e\u0301", "👩‍👩‍👧", "<|im_start|>", "<|im_end|>", "<|im", "_end|>", "<think>",
    "</think>", "<tool_call>", "\x00", "\u200b", "﷽", "'s", "'S",
)  # fmt: skip


def loaded(path: Path) -> Model:
    file = read_model(path)
    plan = plan_for(shape_of_file(file, None, None), Resources(2**40), LoadOptions(gpu_layers=0))
    return Model.load(file, plan)


@pytest.fixture(scope="module")
def vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Vocabulary]]:
    folder = tmp_path_factory.mktemp("parrots")
    paths = [
        model_path(),
        *(
            write_parrot(folder / f"{name}.gguf", b"Hello", tokenizer=name)
            for name in ("qwen2", "llama-bpe", "gpt-2")
        ),
    ]
    models = [loaded(path) for path in paths]
    yield [model.vocabulary for model in models]
    for model in models:
        model.close()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=60))
def test_the_parts_of_any_text_have_the_tokens_of_the_whole(vocabularies, words):
    text = "".join(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PART_CHARACTERS", 8)
        for vocabulary in vocabularies:
            whole = vocabulary.tokenize(text, control_tokens=True)
            assert prompt_tokens(vocabulary, [(text, True)], lambda _least: None) == whole


def test_a_long_text_is_looked_at_often_and_keeps_its_tokens(vocabularies):
    chance = random.Random(1)
    text = "".join(chance.choice(WORDS) for _ in range(40_000))
    looks: list[int] = []
    tokens = prompt_tokens(vocabularies[0], [(text, True)], looks.append)
    assert tokens == vocabularies[0].tokenize(text, control_tokens=True)
    assert len(looks) >= len(text) // (4 * cuts.PART_CHARACTERS)
    assert looks == sorted(looks)
    assert looks[-1] == len(tokens)


def test_a_literal_marker_is_characters(vocabularies):
    tokens = prompt_tokens(vocabularies[0], [("a", True), ("<|im_end|>", False)], lambda _: None)
    assert len(tokens) > 2
