"""What of a model goes to the GPU. No GPU is here, so the arithmetic is checked, and the loader with a stand-in."""

import os
from typing import Any

import pytest

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.engine.devices import Device
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.memory import shape_of
from qwen3cli.machine.placement import GPU_SPARE_BYTES, Gpu, LayerBytes, Placement, best_placement
from qwen3cli.machine.plan import DEFAULTS, LoadOptions, Plan, Resources, plan_for
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.render.plans import second_plan_text
from qwen3cli.turn.loading import followed
from qwen3cli.turn.this_machine import usable_gpu

GIB = 2**30
DENSE = LayerBytes(10, GIB, 0, GIB, GIB // 4)
EXPERTS = LayerBytes(10, 2 * GIB, GIB, GIB, GIB // 4, 0.25)


def shape(name: str):
    entry = read_catalogue(os.environ)[name]
    return shape_of(entry, entry.quantization(None))


def gpu(gib: float) -> Gpu:
    return Gpu(round(gib * GIB) + GPU_SPARE_BYTES)


@pytest.mark.parametrize(
    ("model", "gib", "expected"),
    [
        (DENSE, 13.5, Placement(11)),
        (DENSE, 13.4, Placement(10)),
        (DENSE, 12.4, Placement(9)),
        (DENSE, 1.2, Placement(0)),
        (EXPERTS, 23.5, Placement(11)),
        (EXPERTS, 23.4, Placement(11, 1)),
        (EXPERTS, 20.5, Placement(11, 3)),
        (EXPERTS, 13.5, Placement(11, 10)),
        (EXPERTS, 13.4, Placement(5)),
    ],
)
def test_as_much_as_fits_is_on_the_gpu(model, gib, expected):
    chosen = best_placement(model, 0, gpu(gib))
    assert chosen == expected
    assert chosen.gpu_bytes(model) <= gib * GIB


def test_only_what_the_cpu_reads_counts_for_the_speed():
    assert Placement().bytes_read_on_cpu(DENSE) == 11 * GIB
    assert Placement(4).bytes_read_on_cpu(DENSE) == 7 * GIB
    assert Placement(11).bytes_read_on_cpu(DENSE) == 0
    assert Placement(11, 8).bytes_read_on_cpu(EXPERTS) == 2 * GIB


def test_a_mixture_that_is_too_large_for_a_consumer_gpu_keeps_its_experts_in_main_memory():
    plan = plan_for(shape("30b-a3b"), Resources(32 * GIB, 40e9, Gpu(8 * GIB)))
    assert plan.placement.gpu_layers == 49
    assert 30 <= plan.placement.expert_layers_on_cpu <= 48
    assert plan.gpu_bytes < 8 * GIB
    assert plan.fits


def test_an_8b_fits_whole_on_a_gpu_of_8_gib_and_takes_little_main_memory():
    plan = plan_for(shape("8b"), Resources(2 * GIB, 40e9, Gpu(8 * GIB)))
    assert plan.placement == Placement(37)
    assert (plan.fits, plan.tokens_per_second) == (True, None)


def test_memory_that_the_gpu_shares_with_the_machine_is_counted_once():
    plan = plan_for(shape("8b"), Resources(4 * GIB, 40e9, Gpu(8 * GIB, shares_main_memory=True)))
    assert plan.main_bytes == plan.sum.total_bytes
    assert not plan.fits


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["cpu"], None),
        (["cpu", "gpu"], Gpu(2 * GIB)),
        (["gpu", "gpu", "integrated gpu"], Gpu(4 * GIB)),
        (["integrated gpu"], Gpu(2 * GIB, shares_main_memory=True)),
    ],
)
def test_gpus_of_their_own_memory_count_together(kinds, expected, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert usable_gpu([Device("x", "", kind, 2 * GIB, 4 * GIB) for kind in kinds]) == expected


class Loader:
    """Stands in for llama.cpp on a GPU: refuses the first so many attempts."""

    def __init__(self, refusals: int) -> None:
        self.tried: list[Placement] = []
        self._refusals = refusals

    def __call__(self, plan: Plan) -> Any:
        self.tried.append(plan.placement)
        if len(self.tried) <= self._refusals:
            raise DoesNotFit("no memory on the GPU")
        return "model"


def load(loader: Loader, name: str = "8b", options: LoadOptions = DEFAULTS) -> Plan:
    """The plan that was followed in the end."""
    plan = plan_for(shape(name), Resources(0, gpu=gpu(24)), options)
    return followed(plan, loader)[1]


def test_a_failed_allocation_is_tried_once_more_with_less_and_told():
    loader = Loader(1)
    plan = load(loader)
    assert loader.tried == [Placement(37), Placement(18)]
    assert plan.placement == loader.tried[-1]
    told = second_plan_text(plan)
    assert told == "the GPU had less memory than it said: 18 of 36 layers on the GPU"


def test_a_mixture_gives_up_its_experts_first():
    loader = Loader(1)
    load(loader, "30b-a3b")
    assert loader.tried == [Placement(49), Placement(49, 48)]


def test_there_is_no_third_attempt():
    loader = Loader(2)
    with pytest.raises(DoesNotFit):
        load(loader)
    assert len(loader.tried) == 2


def test_what_the_user_said_is_tried_as_it_is():
    loader = Loader(1)
    with pytest.raises(DoesNotFit):
        load(loader, options=LoadOptions(gpu_layers=5))
    assert loader.tried == [Placement(5)]
    plan = load(Loader(0), "30b-a3b", LoadOptions(expert_layers_on_cpu=7))
    assert plan.placement == Placement(49, 7)
    assert load(Loader(0), options=LoadOptions(gpu_layers=-1)).placement == Placement(37)


def test_a_second_plan_keeps_what_the_user_said():
    loader = Loader(1)
    load(loader, "30b-a3b", LoadOptions(expert_layers_on_cpu=7))
    assert [each.expert_layers_on_cpu for each in loader.tried] == [7, 7]


def test_what_the_user_said_of_a_gpu_means_nothing_without_one():
    plan = plan_for(shape("8b"), Resources(0), LoadOptions(gpu_layers=5, expert_layers_on_cpu=3))
    assert plan.placement == Placement()


def test_experts_of_layers_that_are_on_the_cpu_anyway_are_counted_once():
    assert Placement(5, 6).gpu_bytes(EXPERTS) == 5 * EXPERTS.block_bytes - EXPERTS.expert_bytes
    assert Placement(5, 5).gpu_bytes(EXPERTS) == Placement(5).gpu_bytes(EXPERTS)


def test_a_smaller_cache_leaves_room_for_more_layers():
    layers = [
        best_placement(shape("14b").layer_bytes(32_768, kv), 0, gpu(8)).gpu_layers
        for kv in (KvType.F16, KvType.Q8_0, KvType.Q4_0)
    ]
    assert layers == sorted(layers) and layers[0] < layers[-1]
