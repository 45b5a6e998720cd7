"""What of a model goes to the GPU. No GPU is here, so the arithmetic is checked, and the loader with a stand-in."""

import os
from typing import Any

import pytest

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.engine.devices import Device
from qwen3cli.engine.types import LoadOptions
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.memory import Resources, plan_for, shape_of
from qwen3cli.machine.placement import GPU_SPARE_BYTES, Gpu, LayerBytes, Placement, best_placement
from qwen3cli.models.catalogue import read_catalogue
from qwen3cli.turn.offload import load_offloaded
from qwen3cli.turn.planning import usable_gpu

GIB = 2**30
DENSE = LayerBytes(10, GIB, 0, GIB, GIB // 4)
EXPERTS = LayerBytes(10, 2 * GIB, GIB, GIB, GIB // 4, 0.25)


def shape(name: str):
    entry = read_catalogue(os.environ).find(name)
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
        self.tried: list[LoadOptions] = []
        self._refusals = refusals

    def __call__(self, options: LoadOptions) -> Any:
        self.tried.append(options)
        if len(self.tried) <= self._refusals:
            raise DoesNotFit("no memory on the GPU")
        return "model"


def load(loader: Loader, name: str = "8b", options: LoadOptions | None = None, room: float = 24):
    return load_offloaded(loader, lambda: shape(name), options or LoadOptions(), gpu(room))


def test_a_failed_allocation_is_tried_once_more_with_less_and_told():
    loader = Loader(1)
    loaded = load(loader)
    assert [each.gpu_layers for each in loader.tried] == [37, 18]
    assert loaded.options == loader.tried[-1]
    assert loaded.notice == "the GPU had less memory than it said: 18 of 36 layers are on it"


def test_a_mixture_gives_up_its_experts_first():
    loader = Loader(1)
    load(loader, "30b-a3b")
    assert [each.expert_layers_on_cpu for each in loader.tried] == [0, 48]
    assert [each.gpu_layers for each in loader.tried] == [49, 49]


def test_there_is_no_third_attempt():
    loader = Loader(2)
    with pytest.raises(DoesNotFit):
        load(loader)
    assert len(loader.tried) == 2


def test_what_the_user_said_is_tried_as_it_is():
    loader = Loader(1)
    with pytest.raises(DoesNotFit):
        load(loader, options=LoadOptions(gpu_layers=5))
    assert [each.gpu_layers for each in loader.tried] == [5]
    loader = Loader(0)
    loaded = load(loader, "30b-a3b", LoadOptions(expert_layers_on_cpu=7))
    assert (loaded.options.gpu_layers, loaded.options.expert_layers_on_cpu) == (49, 7)


def test_a_smaller_cache_leaves_room_for_more_layers():
    layers = [
        best_placement(shape("14b").layer_bytes(32_768, kv), 0, gpu(8)).gpu_layers
        for kv in (KvType.F16, KvType.Q8_0, KvType.Q4_0)
    ]
    assert layers == sorted(layers) and layers[0] < layers[-1]
