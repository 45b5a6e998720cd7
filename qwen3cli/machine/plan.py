"""How a model is run on a machine: the plan that `fit` shows, loading follows, and errors quote. Pure values.

    file -> headers -> shape --plan_for--> Plan -> weights, contexts, sums

Whatever of a run is decided before its first token is decided here, once, from the model's shape, what the machine has
and what the user asked for. A plan that turned out too large for the GPU has a `smaller` one, which is loaded the same way.

Decoding reads every active weight once for each token, so it cannot be faster than the memory's bandwidth over those
bytes. With a GPU only what stays in main memory counts against it, and only what the CPU reads counts for the speed.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from qwen3cli.base.errors import DoesNotFit, UsageProblem
from qwen3cli.base.units import GIB, bytes_text
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS, KvType, uses_flash_attention
from qwen3cli.machine.memory import MemoryBreakdown, ModelShape
from qwen3cli.machine.placement import Gpu, LayerBytes, Placement, best_placement
from qwen3cli.machine.seen_speed import seen_bandwidth

# Below this, one thread decodes faster than two (measured on the demo model, 1.8 MB: see the README).
_TINY_BYTES = 16 * 2**20
# Slower than this is slower than most people read.
COMFORTABLE_TOKENS_PER_SECOND = 8.0
# Share of the bandwidth that decoding was seen to reach: published runs on CPUs, 0.75 to 0.85.
_BANDWIDTH_SHARE = 0.8

# What computed prompts may take on the disk: one of 32,768 tokens of the 0.6B has 3.5 GiB.
DEFAULT_SAVED_KV_BYTES = 4 * GIB


class FlashAttention(StrEnum):
    """Whether attention is computed without ever holding all its scores at once."""

    OFF = "off"
    ON = "on"
    AUTO = "as the GPU can"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the user asks for. None is left to the plan. `gpu_layers` -1 means all of them; `expert_layers_on_cpu` keeps
    the experts of that many first layers off the GPU. `saved_kv_bytes` is how much of KV caches may lie on the disk."""

    threads: int | None = None
    context_tokens: int | None = None
    kv_type: KvType = KvType.F16
    gpu_layers: int | None = None
    expert_layers_on_cpu: int | None = None
    saved_kv_bytes: int = DEFAULT_SAVED_KV_BYTES


DEFAULTS = LoadOptions()


@dataclass(frozen=True, slots=True)
class Resources:
    """What there is to run on. `free_bytes` is all that the process may take of main memory, what it holds already
    included, where each thread but the first takes `thread_bytes`; `bandwidth` in bytes a second, None where it was not
    measured, and what `bench` has seen of it (`seen_speed`)."""

    free_bytes: int
    bandwidth: float | None = None
    gpu: Gpu | None = None
    cores: int = 1
    thread_bytes: int = 0
    seen_bandwidths: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One model on one machine. The sum is for `tokens` of context; the context may grow to `limit_tokens`.

    `yarn_original_tokens` is the native context that YaRN stretches; None leaves positions as they are. `fallback` is
    what to put on the GPU where `placement` could not be had; None where there is nothing to give up, or nothing was left
    to the plan. `is_second` tells that this is such a plan. `holds_scores`: attention without flash attention.
    `saved_kv_bytes` is how much of KV caches may be kept on the disk."""

    shape: ModelShape
    resources: Resources
    threads: int
    tokens: int
    limit_tokens: int
    yarn_original_tokens: int | None
    kv_type: KvType
    holds_scores: bool
    placement: Placement
    fallback: Placement | None = None
    is_second: bool = False
    saved_kv_bytes: int = 0

    @property
    def sum(self) -> MemoryBreakdown:
        """What it takes of memory, part by part."""
        return MemoryBreakdown(
            self.shape.weights_bytes,
            self.shape.attention.kv_bytes(self.tokens, self.kv_type),
            self.shape.compute_bytes(self.tokens, flash=not self.holds_scores),
            self.shape.process_bytes + self._threads_bytes,
        )

    @property
    def flash_attention(self) -> FlashAttention:
        """How llama.cpp is to compute attention."""
        if not self.holds_scores:
            return FlashAttention.ON
        return FlashAttention.AUTO if self.placement.gpu_layers else FlashAttention.OFF

    @property
    def layers(self) -> LayerBytes:
        """The model's bytes by layer, the KV cache with them."""
        return self.shape.layer_bytes(self.tokens, self.kv_type)

    @property
    def gpu_bytes(self) -> int:
        """What is in memory of a GPU's own."""
        return 0 if self._shares_memory else self.placement.gpu_bytes(self.layers)

    @property
    def main_bytes(self) -> int:
        """What it takes of main memory."""
        return self.sum.total_bytes - self.gpu_bytes

    @property
    def free_bytes(self) -> int:
        """What there is of main memory."""
        return self.resources.free_bytes

    @property
    def fits(self) -> bool:
        """Whether it fits."""
        return self.main_bytes <= self.free_bytes

    @property
    def tokens_per_second(self) -> float | None:
        """By what `bench` has seen on this machine, or else a bound by the bandwidth of main memory; None where that was not
        measured, or nothing is read from there."""
        read, bandwidth = self.bytes_read, self.resources.bandwidth
        if not read:
            return None
        if self.is_speed_seen:
            bandwidth = seen_bandwidth(self.resources.seen_bandwidths, read)
        elif bandwidth:
            bandwidth *= _BANDWIDTH_SHARE
        return bandwidth / read if bandwidth else None

    @property
    def is_speed_seen(self) -> bool:
        """Whether the speed is reckoned from one that was measured, and is more than a bound."""
        return bool(self.resources.seen_bandwidths) and self.placement.gpu_layers == 0

    @property
    def bytes_read(self) -> int:
        """Weights that are read from main memory for one token."""
        placement = Placement() if self._shares_memory else self.placement
        return placement.bytes_read_on_cpu(self.layers)

    @property
    def is_comfortable(self) -> bool:
        """Whether it fits and writes at least as fast as people read."""
        speed = self.tokens_per_second
        return self.fits and (speed is None or speed >= COMFORTABLE_TOKENS_PER_SECOND)

    def check_weights(self, title: str, spec: str) -> None:
        """Refuse weights that memory cannot hold, before they push everything else out of it. `spec` is how the user names
        the model.

        Raises:
            DoesNotFit: says how much is missing.
        """
        needed = self.sum.weights_bytes + self.sum.process_bytes - self.gpu_bytes
        if needed > self.free_bytes:
            raise DoesNotFit(
                f"{title} needs {bytes_text(needed)} for its weights and the program alone,"
                f" and {bytes_text(self.free_bytes)} of memory is free",
                f"qwen3 fit {shlex.quote(spec)} shows the sum, and a command that fits",
            )

    def context_bytes(self, context_tokens: int, sequences: int = 1) -> int:
        """What a context of so many tokens for each sequence takes beside the weights."""
        at = replace(self, tokens=context_tokens).sum
        return at.kv_bytes * sequences + at.compute_bytes

    def has_room_for(self, context_tokens: int, free_bytes: int, sequences: int = 1) -> bool:
        """Whether a context can be made now. On a GPU llama.cpp says so itself."""
        if self.placement.gpu_layers:
            return True
        needed = self.context_bytes(context_tokens, sequences) + self._threads_bytes
        return needed <= free_bytes

    def sequences_that_fit(self, most: int) -> int:
        """How many sequences of `tokens` can be held at once, one at least; halved from `most` until they fit."""
        gpu = self.resources.gpu
        on_gpu = self.placement.gpu_layers > 0 and gpu is not None and not self._shares_memory
        left = (
            gpu.free_bytes - self.gpu_bytes if on_gpu and gpu else self.free_bytes - self.main_bytes
        )
        count = most
        while count > 1 and self.sum.kv_bytes * (count - 1) > left:
            count //= 2
        return max(1, count)

    def smaller(self) -> "Plan | None":
        """The plan to load by where this one's memory could not be had after all; there is one at most."""
        if self.fallback is None:
            return None
        return replace(self, placement=self.fallback, fallback=None, is_second=True)

    @property
    def _threads_bytes(self) -> int:
        return (self.threads - 1) * self.resources.thread_bytes

    @property
    def _shares_memory(self) -> bool:
        gpu = self.resources.gpu
        return gpu is not None and gpu.shares_main_memory


def plan_for(shape: ModelShape, resources: Resources, options: LoadOptions = DEFAULTS) -> Plan:
    """How a model of this shape is run with these resources.

    Raises:
        UsageProblem: the context asked for is longer than the model can use.
    """
    asked, kv_type, gpu = options.context_tokens, options.kv_type, resources.gpu
    limit, yarn_original = _context(shape, asked)
    tokens = min(asked or DEFAULT_CONTEXT_TOKENS, limit)
    flash = uses_flash_attention(asked, kv_type)
    layers = shape.layer_bytes(tokens, kv_type)
    best = best_placement(layers, shape.compute_bytes(tokens, flash=flash), gpu)
    placement = _as_asked(best, layers, options) if gpu is not None else best
    second = best.smaller(layers) if options.gpu_layers is None else None
    return Plan(
        shape=shape,
        resources=resources,
        threads=options.threads or (1 if shape.weights_bytes < _TINY_BYTES else resources.cores),
        tokens=tokens,
        limit_tokens=limit,
        yarn_original_tokens=yarn_original,
        kv_type=kv_type,
        holds_scores=not flash,
        placement=placement,
        fallback=_as_asked(second, layers, options) if second is not None else None,
        saved_kv_bytes=options.saved_kv_bytes,
    )


def _context(shape: ModelShape, asked: int | None) -> tuple[int, int | None]:
    """The longest context, and the one that YaRN stretches to it where the file's own is too short. By no more than what
    is asked for: it costs a little accuracy on short texts (Qwen documentation, "Long context")."""
    if asked is None:
        return shape.file_context, None
    if asked > shape.longest_context > 0:
        reached = "with YaRN" if shape.longest_context > shape.file_context else "by its file"
        native = shape.native_context
        trained = f"; it was trained on {native:,}" if native else ""
        raise UsageProblem(
            f"--ctx {asked:,} is more than this model reads: {shape.longest_context:,} tokens {reached}{trained}",
            f"ask for --ctx {shape.longest_context} or less",
        )
    return asked, shape.native_context if asked > shape.file_context else None


def _as_asked(placement: Placement, model: LayerBytes, options: LoadOptions) -> Placement:
    """A placement with what the user named."""
    layers, experts = options.gpu_layers, options.expert_layers_on_cpu
    everything = model.layers + 1
    if layers is not None:
        placement = Placement(everything if layers < 0 else min(layers, everything))
    if experts is not None:
        placement = replace(placement, expert_layers_on_cpu=min(experts, model.layers))
    return placement
