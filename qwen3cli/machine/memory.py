"""How much memory a model takes and how fast it can be: arithmetic on shapes, nothing read and nothing measured.

    weights    the file itself, once: mapped, or read where llama.cpp stores its weights in another order
    KV cache   layers x KV heads x (key size + value size) x bytes of the type, for every token of context
    compute    llama.cpp's working memory for one chunk of 512 tokens: the attention scores of every head against the
               whole context, which flash attention never holds at once, their copy in half precision, and the
               activations of one layer
    process    Python, llama.cpp and the vocabulary

    speed      decoding reads every active weight once for each token, so it cannot be faster than the memory's
               bandwidth over those bytes

With a GPU, `placement` says what of it goes there; then only the rest counts against main memory, and only what the
CPU reads counts for the speed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen3cli.machine.attention import (
    CHUNK_TOKENS,
    DEFAULT_CONTEXT_TOKENS,
    AttentionShape,
    KvType,
    uses_flash_attention,
)
from qwen3cli.machine.placement import Gpu, LayerBytes, Placement, best_placement
from qwen3cli.models.catalogue import Entry, Quantization
from qwen3cli.models.gguf import Header

# Left free for everything else that runs: the smallest margin at which a two-core machine did not start to swap.
SPARE_BYTES = 256 * 2**20
# Python with the bindings and a vocabulary of 151,936 tokens loaded, and a little: tests/support/measure_memory.py finds
# the whole sum 0.4 to 4.4 % above what 0.6B, 1.7B, 4B and 30B-A3B take on Linux at 512 to 8,192 tokens.
PROCESS_BYTES = 80 * 2**20
_VOCABULARY_TOKENS = 151_936
_NUMBER_BYTES = 4
# What is held at once of one layer's activations, for each token: that many vectors of the feed-forward's length and
# that many of the model's width, one more for each expert. A bound on what llama.cpp reserves; tests/test_fit.py asks it.
_FEED_FORWARD_VECTORS, _WIDTH_VECTORS = 3, 6

# Bits for one weight, for sizes the catalogue does not know; the official files' bytes over their parameters.
_BITS = {"q4_k_m": 4.87, "q5_0": 5.55, "q5_k_m": 5.71, "q6_k": 6.57, "q8_0": 8.51}
# Qwen3's models up to 4B use one matrix as embedding and as output (Technical Report, table 1).
_TIED_BELOW_PARAMETERS = 5e9

# Slower than this is slower than most people read.
COMFORTABLE_TOKENS_PER_SECOND = 8.0
# Share of the bandwidth that decoding was seen to reach: published runs on CPUs, 0.75 to 0.85.
_BANDWIDTH_SHARE = 0.8

_BLOCK = re.compile(r"blk\.\d+\.")


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What decides a model's memory and speed. Bytes are of weights. With experts, `feed_forward` is that of one, a token
    uses `experts_used` of them, and `expert_share` is their share; without, `experts_used` is 0."""

    attention: AttentionShape
    width: int
    feed_forward: int
    experts_used: int
    weights_bytes: int
    blocks_bytes: int
    experts_bytes: int
    output_bytes: int
    expert_share: float

    def compute_bytes(self, context_tokens: int, kv_type: KvType) -> int:
        """llama.cpp's working memory: never less than it takes."""
        fed = _FEED_FORWARD_VECTORS * self.feed_forward * max(1, self.experts_used)
        kept = (_WIDTH_VECTORS + self.experts_used) * self.width
        activations = CHUNK_TOKENS * (fed + kept) * _NUMBER_BYTES
        attention = self.attention
        flash = uses_flash_attention(context_tokens, kv_type)
        scores = attention.scores_bytes(context_tokens, flash=flash)
        return scores + attention.halved_scores_bytes(context_tokens, flash=flash) + activations

    def layer_bytes(self, context_tokens: int, kv_type: KvType) -> LayerBytes:
        """Shared out by layer."""
        layers = self.attention.layers
        return LayerBytes(
            layers=layers,
            layer_bytes=self.blocks_bytes // layers,
            expert_bytes=self.experts_bytes // layers,
            output_bytes=self.output_bytes,
            kv_bytes=self.attention.kv_bytes(context_tokens, kv_type) // layers,
            expert_share=self.expert_share,
        )


@dataclass(frozen=True, slots=True)
class Sum:
    """The memory of one model at one context, part by part."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    process_bytes: int = PROCESS_BYTES

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.process_bytes


@dataclass(frozen=True, slots=True)
class Resources:
    """What there is to fit into. `bandwidth` in bytes a second, None where it was not measured."""

    free_bytes: int
    bandwidth: float | None = None
    gpu: Gpu | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model would be run on a machine. `tokens_per_second` is a bound by the bandwidth of main memory, None where
    that was not measured or nothing is read from there."""

    context_tokens: int
    kv_type: KvType
    sum: Sum
    placement: Placement
    gpu_bytes: int
    free_bytes: int
    tokens_per_second: float | None

    @property
    def main_bytes(self) -> int:
        """What it takes of main memory."""
        return self.sum.total_bytes - self.gpu_bytes

    @property
    def fits(self) -> bool:
        """Whether it fits with a little to spare."""
        return self.main_bytes + SPARE_BYTES <= self.free_bytes

    @property
    def is_comfortable(self) -> bool:
        """Whether it fits and writes at least as fast as people read."""
        speed = self.tokens_per_second
        return self.fits and (speed is None or speed >= COMFORTABLE_TOKENS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The plan for one quantization of a catalogue entry."""

    entry: Entry
    quantization: Quantization
    plan: Plan

    @property
    def name(self) -> str:
        """As it is typed behind `--size`."""
        return f"{self.entry.name}:{self.quantization.name}"


def shape_of(entry: Entry, quantization: Quantization) -> ModelShape:
    """From the catalogue: the weights are shared out by the number of parameters."""
    weights = weights_bytes(entry, quantization)
    parameters = entry.parameters * 1e6
    embedding = _VOCABULARY_TOKENS * entry.width
    matrices = 1 if parameters < _TIED_BELOW_PARAMETERS else 2
    experts = 3 * entry.width * entry.feed_forward * entry.experts * entry.layers
    return ModelShape(
        attention=AttentionShape(
            entry.layers, entry.heads, entry.kv_heads, entry.head_size, entry.head_size
        ),
        width=entry.width,
        feed_forward=entry.feed_forward,
        experts_used=entry.experts_used,
        weights_bytes=weights,
        blocks_bytes=round((parameters - matrices * embedding) / parameters * weights),
        experts_bytes=round(experts / parameters * weights),
        output_bytes=round(embedding / parameters * weights),
        expert_share=entry.experts_used / entry.experts if entry.experts else 1.0,
    )


def shape_of_files(headers: Sequence[Header]) -> ModelShape:
    """From the tensor tables of a model's files; the first one has the metadata."""
    first = headers[0]
    tensors = {each.name: each for header in headers for each in header.tensors}
    blocks = [each for each in tensors.values() if _BLOCK.match(each.name)]
    embedding = tensors.get("token_embd.weight")
    output = tensors.get("output.weight", embedding)
    width, heads = first.number("embedding_length"), first.number("attention.head_count", 1)
    experts = first.number("expert_count")
    return ModelShape(
        attention=AttentionShape(
            max(1, first.number("block_count")),
            heads,
            first.number("attention.head_count_kv", heads),
            first.number("attention.key_length", width // max(1, heads)),
            first.number("attention.value_length", width // max(1, heads)),
        ),
        width=width,
        feed_forward=first.number(
            "expert_feed_forward_length" if experts else "feed_forward_length"
        ),
        experts_used=first.number("expert_used_count") if experts else 0,
        weights_bytes=sum(header.file_bytes for header in headers),
        blocks_bytes=sum(each.bytes for each in blocks),
        experts_bytes=sum(each.bytes for each in blocks if "_exps." in each.name),
        output_bytes=output.bytes if output else 0,
        expert_share=first.number("expert_used_count") / experts if experts else 1.0,
    )


def weights_bytes(entry: Entry, quantization: Quantization) -> int:
    """The size of the weights: the catalogue's, or parameters times the usual bits."""
    if quantization.bytes is not None:
        return quantization.bytes
    return round(entry.parameters * 1e6 * _BITS.get(quantization.name, 8.5) / 8)


def plan_for(
    shape: ModelShape,
    resources: Resources,
    context_tokens: int = DEFAULT_CONTEXT_TOKENS,
    kv_type: KvType = KvType.F16,
) -> Plan:
    """How a model of this shape would do."""
    compute = shape.compute_bytes(context_tokens, kv_type)
    layers, gpu = shape.layer_bytes(context_tokens, kv_type), resources.gpu
    chosen = best_placement(layers, compute, gpu)
    shared = gpu is not None and gpu.shares_main_memory
    read = (Placement() if shared else chosen).bytes_read_on_cpu(layers)
    bandwidth = resources.bandwidth
    return Plan(
        context_tokens=context_tokens,
        kv_type=kv_type,
        sum=Sum(shape.weights_bytes, shape.attention.kv_bytes(context_tokens, kv_type), compute),
        placement=chosen,
        gpu_bytes=0 if shared else chosen.gpu_bytes(layers),
        free_bytes=resources.free_bytes,
        tokens_per_second=bandwidth * _BANDWIDTH_SHARE / read if bandwidth and read else None,
    )


def best_quantization(verdicts: Iterable[Verdict], default: str) -> Verdict | None:
    """The default one if it fits, else the largest that does, else None."""
    fitting = [each for each in verdicts if each.plan.fits]
    for each in fitting:
        if each.quantization.name == default:
            return each
    return max(fitting, key=lambda each: each.plan.sum.weights_bytes, default=None)


def recommended(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The largest hybrid that fits and is comfortable, in its default quantization."""
    comfortable = [
        each
        for each in verdicts
        if each.plan.is_comfortable
        and each.entry.thinking == "hybrid"
        and each.entry.longest_context >= each.plan.context_tokens
        and each.quantization.name == each.entry.default
    ]
    return max(comfortable, key=lambda each: each.entry.parameters, default=None)
