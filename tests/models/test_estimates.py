"""Sizes of files that no source tells: a quantization is one line in a catalogue, and nothing else."""

import json

import pytest
from support.one_model import add_entry


def weights(qwen3, spec: str) -> int:
    return int(json.loads(qwen3("fit", spec, "--json").stdout)["weights_bytes"])


def test_a_quantization_is_added_by_one_line(qwen3, home):
    add_entry(
        home,
        '{ quant = "q8_0", path = "a.gguf", bytes = 6400000 }, { quant = "iq9_x", path = "b.gguf", bytes = 5000000 },',
    )
    assert weights(qwen3, "test:iq9_x") == 5_000_000


def test_a_size_that_is_missing_is_reckoned_from_the_nearest_model_in_the_same_quantization(
    qwen3, home
):
    add_entry(home, '{ quant = "q4_k_m", path = "a.gguf" }, { quant = "q8_0", path = "b.gguf" },')
    of_the_smallest = {name: weights(qwen3, f"0.6b:{name}") / 596 for name in ("q4_k_m", "q8_0")}
    for name, for_a_million in of_the_smallest.items():
        assert weights(qwen3, f"test:{name}") == pytest.approx(6 * for_a_million, rel=1e-3)
