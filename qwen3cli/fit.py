"""How much memory a model takes and how fast it can be: arithmetic on shapes, nothing read and nothing measured.

    weights    the file itself, mapped into memory; on some processors llama.cpp keeps a second, repacked copy
    KV cache   2 (keys and values) x layers x KV heads x head size x bytes of the type, for every token of context
    compute    llama.cpp's working memory for one chunk of 512 tokens: the logits dominate, 4 bytes for every token of
               the vocabulary and of the chunk; then a few activations of the widest layer
    process    Python, llama.cpp and the vocabulary

    speed      decoding reads every active weight once for each token, so it cannot be faster than the memory's
               bandwidth over those bytes; the report's figures reach about four fifths of that

`plan` puts them together: the quantization that is taken, and why; or the nearest one that would fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qwen3cli.catalogue import Entry, Quantization


class KvType(StrEnum):
    """How keys and values are stored. Smaller types halve or quarter the KV cache and cost a little accuracy."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


# Bytes for one stored number: ggml's block sizes, a half-precision scale for every 32 numbers included.
_KV_BYTES = {KvType.F16: 2.0, KvType.Q8_0: 34 / 32, KvType.Q4_0: 18 / 32}

# Left free for everything else that runs: the smallest margin at which a two-core machine did not start to swap.
SPARE_BYTES = 256 * 2**20
# Python with the bindings and a vocabulary of 151,936 tokens loaded; measured on Linux.
PROCESS_BYTES = 140 * 2**20
_CHUNK_TOKENS = 512  # llama.cpp's physical batch, see engine/llama.py
_VOCABULARY_TOKENS = 151_936
_LOGIT_BYTES = 4
# Activations held at once in one chunk, in numbers of the hidden width; llama.cpp's own report for Qwen3-0.6B.
_ACTIVATIONS = 6

# Bits for one weight, for sizes the catalogue does not know; the official files' bytes over their parameters.
_BITS = {"q4_k_m": 4.87, "q5_0": 5.55, "q5_k_m": 5.71, "q6_k": 6.57, "q8_0": 8.51}

# Slower than this is slower than most people read.
COMFORTABLE_TOKENS_PER_SECOND = 8.0
# Share of the bandwidth that decoding was seen to reach: FACTS of published runs, 0.75 to 0.85 on CPUs.
_BANDWIDTH_SHARE = 0.8

DEFAULT_CONTEXT_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """What decides the size of the KV cache. Keys and values may differ in size, though not in Qwen3."""

    layers: int
    kv_heads: int
    key_size: int
    value_size: int

    def kv_bytes(self, context_tokens: int, kv_type: KvType) -> int:
        """The KV cache of so many tokens."""
        numbers = self.layers * self.kv_heads * (self.key_size + self.value_size)
        return round(context_tokens * numbers * _KV_BYTES[kv_type])


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
class Verdict:
    """One quantization on one machine. `tokens_per_second` is a bound by bandwidth, None where that was not measured."""

    entry: Entry
    quantization: Quantization
    context_tokens: int
    sum: Sum
    free_bytes: int
    tokens_per_second: float | None

    @property
    def fits(self) -> bool:
        """Whether it fits with a little to spare."""
        return self.sum.total_bytes + SPARE_BYTES <= self.free_bytes

    @property
    def is_comfortable(self) -> bool:
        """Whether it fits and writes at least as fast as people read."""
        speed = self.tokens_per_second
        return self.fits and (speed is None or speed >= COMFORTABLE_TOKENS_PER_SECOND)


def attention_shape(entry: Entry) -> AttentionShape:
    """The shape of a catalogue entry's KV cache."""
    return AttentionShape(entry.layers, entry.kv_heads, entry.head_size, entry.head_size)


def weights_bytes(entry: Entry, quantization: Quantization) -> int:
    """The size of the weights: the catalogue's, or parameters times the usual bits."""
    if quantization.bytes is not None:
        return quantization.bytes
    return round(entry.parameters * 1e6 * _BITS.get(quantization.name, 8.5) / 8)


def compute_bytes(width: int) -> int:
    """llama.cpp's working memory."""
    return _CHUNK_TOKENS * (_VOCABULARY_TOKENS + _ACTIVATIONS * width) * _LOGIT_BYTES


def memory_sum(
    entry: Entry, quantization: Quantization, context_tokens: int, kv_type: KvType = KvType.F16
) -> Sum:
    """What a model takes in main memory when nothing of it is on a GPU."""
    return Sum(
        weights_bytes(entry, quantization),
        attention_shape(entry).kv_bytes(context_tokens, kv_type),
        compute_bytes(entry.width),
    )


def active_bytes(entry: Entry, quantization: Quantization) -> int:
    """The weights read for one token: all of a dense model, the active experts' share of a mixture."""
    return round(weights_bytes(entry, quantization) * entry.active_parameters / entry.parameters)


def verdict(
    entry: Entry,
    quantization: Quantization,
    free_bytes: int,
    bandwidth_bytes_per_second: float | None,
    context_tokens: int = DEFAULT_CONTEXT_TOKENS,
    kv_type: KvType = KvType.F16,
) -> Verdict:
    """How one quantization would do."""
    speed = None
    if bandwidth_bytes_per_second:
        speed = bandwidth_bytes_per_second * _BANDWIDTH_SHARE / active_bytes(entry, quantization)
    taken = memory_sum(entry, quantization, context_tokens, kv_type)
    return Verdict(entry, quantization, context_tokens, taken, free_bytes, speed)


def best_quantization(verdicts: Iterable[Verdict], default: str) -> Verdict | None:
    """The default one if it fits, else the largest that does, else None."""
    fitting = [each for each in verdicts if each.fits]
    for each in fitting:
        if each.quantization.name == default:
            return each
    return max(fitting, key=lambda each: each.sum.weights_bytes, default=None)


def recommended(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The largest hybrid that fits and is comfortable, in its default quantization."""
    comfortable = [
        each
        for each in verdicts
        if each.is_comfortable
        and each.entry.thinking == "hybrid"
        and each.quantization.name == each.entry.default
    ]
    return max(comfortable, key=lambda each: each.entry.parameters, default=None)
