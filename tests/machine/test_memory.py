"""The memory that `fit` promises, held against what a real run takes, and against what llama.cpp says it would reserve.

For all eight shapes llama.cpp is asked to plan without allocating; the files are hollow: a true header, and a hole where
the weights would be.
"""

import os
import re

import pytest
from support.write_model import write_hollow_model

from qwen3cli.engine.bindings import bindings, native_log
from qwen3cli.engine.parameters import context_parameters, model_parameters
from qwen3cli.machine.attention import KvType, uses_flash_attention
from qwen3cli.machine.memory import shape_of, shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.gguf import read_model

SIZES = ("0.6b", "1.7b", "4b", "8b", "14b", "32b", "30b-a3b", "235b-a22b")


@pytest.fixture(scope="module", params=SIZES)
def planned(request, tmp_path_factory):
    """The shape of a hollow file, and llama.cpp's plan for it."""
    entry = read_catalogue(os.environ)[request.param]
    path = write_hollow_model(entry, tmp_path_factory.mktemp("hollow") / "hollow.gguf")
    file, llama = read_model(path), bindings()
    shape = shape_of_file(file)
    params, _ = model_parameters(file, plan_for(shape, Resources(0)))
    params.no_alloc = True
    params.load_mode = llama.LLAMA_LOAD_MODE_NONE
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    assert model
    yield shape, model
    llama.llama_model_free(model)


def reserved_mib(model, plan):
    """The working memory that llama.cpp says it reserves."""
    llama = bindings()
    native_log().clear()
    context = llama.llama_init_from_model(model, context_parameters(plan.tokens, plan))
    assert context
    said = "\n".join(native_log().lines)
    llama.llama_free(context)
    (compute,) = re.findall(r"compute buffer size = +([\d.]+) MiB", said)
    return float(compute)


@pytest.mark.parametrize("kv_type", list(KvType))
@pytest.mark.parametrize("context_tokens", [1024, 4096, 8192, 32_768])
def test_the_estimate_is_never_below_what_llama_cpp_reserves_and_little_above(
    planned, context_tokens, kv_type
):
    shape, model = planned
    plan = plan_for(
        shape, Resources(0), LoadOptions(context_tokens=context_tokens, kv_type=kv_type)
    )
    flash = uses_flash_attention(context_tokens, kv_type)
    said_nothing_of = shape.attention.halved_scores_bytes(context_tokens, flash=flash)
    estimate = (plan.sum.compute_bytes - said_nothing_of) / 2**20
    reserved = reserved_mib(model, plan)
    whole = (plan.sum.weights_bytes + plan.sum.kv_bytes) / 2**20
    assert reserved <= estimate
    assert estimate - reserved <= 0.05 * (whole + reserved)


def test_contexts_of_several_sequences_reserve_no_more_than_is_reckoned(planned):
    shape, model = planned
    plan = plan_for(shape, Resources(0), LoadOptions(context_tokens=1024))
    native_log().clear()
    context = bindings().llama_init_from_model(model, context_parameters(1024, plan, 8))
    assert context
    said = "\n".join(native_log().lines)
    bindings().llama_free(context)
    sizes = re.findall(r"(?:KV|compute) buffer size = +([\d.]+) MiB", said)
    assert sum(map(float, sizes)) <= plan.context_bytes(1024, 8) / 2**20


@pytest.mark.parametrize(("gib", "expected"), [(2, 1), (7, 2), (8, 4), (10, 8), (30, 32)])
def test_as_many_sequences_run_at_once_as_memory_has_room_for(gib, expected):
    entry = read_catalogue(os.environ)["8b"]
    shape = shape_of(entry, entry.quantization(None))
    assert plan_for(shape, Resources(gib * 2**30)).sequences_that_fit(32) == expected
