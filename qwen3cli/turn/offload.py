"""Loading with a GPU: as many layers as fit and, if its memory could not be had after all, once more with fewer.

Free memory is what the driver says at that moment, and another program may take it a moment later; that is why there is
a second attempt. Without a GPU, or where the user said how many layers, there is one attempt and nothing is decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.engine.llama import Model
from qwen3cli.engine.types import LoadOptions
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.machine.memory import ModelShape, Resources, plan_for
from qwen3cli.machine.placement import Gpu, LayerBytes, Placement


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, how it came to be loaded, and what the user should know of that; empty if nothing."""

    model: Model
    options: LoadOptions
    notice: str = ""


def load_offloaded(
    load: Callable[[LoadOptions], Model],
    shape: Callable[[], ModelShape],
    options: LoadOptions,
    gpu: Gpu | None,
) -> Loaded:
    """Load with the plan that fits the GPU. `load` tries one; `shape` is asked only if there is something to decide.

    Raises:
        DoesNotFit: the smaller plan did not fit either, or the user's own did not.
    """
    if options.gpu_layers is not None:
        return Loaded(load(options), options)
    if gpu is None:
        options = _with(options, Placement())
        return Loaded(load(options), options)
    context = options.context_limit_tokens or DEFAULT_CONTEXT_TOKENS
    known = shape()
    layers = known.layer_bytes(context, options.kv_type)
    chosen = plan_for(known, Resources(0, gpu=gpu), context, options.kv_type).placement
    planned = _with(options, chosen)
    try:
        return Loaded(load(planned), planned)
    except DoesNotFit:
        smaller = chosen.smaller(layers)
        if smaller is None:
            raise
    planned = _with(options, smaller)
    return Loaded(load(planned), planned, _notice(smaller, layers))


def _with(options: LoadOptions, placement: Placement) -> LoadOptions:
    named = options.expert_layers_on_cpu
    experts = placement.expert_layers_on_cpu if named is None else named
    return replace(options, gpu_layers=placement.gpu_layers, expert_layers_on_cpu=experts)


def _notice(taken: Placement, layers: LayerBytes) -> str:
    count = min(taken.gpu_layers, layers.layers)
    experts = (
        f", the experts of {taken.expert_layers_on_cpu} on the CPU" if layers.expert_bytes else ""
    )
    return f"the GPU had less memory than it said: {count} of {layers.layers} layers are on it{experts}"
