"""How much memory a model takes: arithmetic on shapes, nothing read and nothing measured.

    weights    the file itself, once: mapped, or read where llama.cpp stores its weights in another order
    KV cache   layers x KV heads x (key size + value size) x bytes of the type, for every token of context
    compute    llama.cpp's working memory for one chunk of 512 tokens: the attention scores of every head against the
               whole context, which flash attention never holds at once, their copy in half precision, and the
               activations of one layer
    process    Python, llama.cpp and the vocabulary

A shape comes from a model's headers or, before it is here, from the catalogue. `plan` holds it against a machine.
"""

import re
from dataclasses import dataclass

from qwen3cli.machine.attention import CHUNK_TOKENS, AttentionShape, KvType
from qwen3cli.machine.placement import LayerBytes
from qwen3cli.models.catalogue import Entry, Quantization
from qwen3cli.models.gguf import ModelFile

# Python with the bindings, and what a vocabulary takes for each of its tokens, and a little: tests/support/measure_memory.py
# finds the whole sum 0.4 to 4.4 % above what 0.6B, 1.7B, 4B and 30B-A3B take on Linux at 512 to 8,192 tokens.
_PYTHON_BYTES = 59 * 2**20
_BYTES_FOR_A_WORD = 242
_VOCABULARY_TOKENS = 151_936
_NUMBER_BYTES = 4
# What is held at once of one layer's activations, for each token: that many vectors of the feed-forward's length and
# that many of the model's width, one more for each expert. A bound on what llama.cpp reserves, which
# tests/machine/test_memory.py asks.
_FEED_FORWARD_VECTORS, _WIDTH_VECTORS = 3, 6

# Qwen3's models up to 4B use one matrix as embedding and as output (Technical Report, table 1).
_TIED_BELOW_PARAMETERS = 5e9

_BLOCK = re.compile(r"blk\.\d+\.")


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What decides a model's memory and speed. Bytes are of weights. With experts, `feed_forward` is that of one, a token
    uses `experts_used` of them, and `expert_share` is their share; without, `experts_used` is 0.

    `file_context` is what the file allows, `native_context` what the model was trained on, `extended_context` what YaRN
    makes of it; None where that is not known."""

    attention: AttentionShape
    width: int
    feed_forward: int
    experts_used: int
    weights_bytes: int
    blocks_bytes: int
    experts_bytes: int
    output_bytes: int
    expert_share: float
    vocabulary_tokens: int
    file_context: int
    native_context: int | None
    extended_context: int | None

    @property
    def longest_context(self) -> int:
        """The most tokens it can be asked to read."""
        return max(self.file_context, self.extended_context or 0)

    def compute_bytes(self, context_tokens: int, *, flash: bool) -> int:
        """llama.cpp's working memory: never less than it takes."""
        fed = _FEED_FORWARD_VECTORS * self.feed_forward * max(1, self.experts_used)
        kept = (_WIDTH_VECTORS + self.experts_used) * self.width
        activations = CHUNK_TOKENS * (fed + kept) * _NUMBER_BYTES
        attention = self.attention
        scores = attention.scores_bytes(context_tokens, flash=flash)
        return scores + attention.halved_scores_bytes(context_tokens, flash=flash) + activations

    @property
    def process_bytes(self) -> int:
        """Python, llama.cpp and the vocabulary."""
        return _PYTHON_BYTES + _BYTES_FOR_A_WORD * self.vocabulary_tokens

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
class MemoryBreakdown:
    """The memory of one model at one context, part by part."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    process_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.process_bytes


def shape_of(entry: Entry, quantization: Quantization) -> ModelShape:
    """From the catalogue: the weights are shared out by the number of parameters."""
    weights = quantization.estimated_bytes
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
        vocabulary_tokens=_VOCABULARY_TOKENS,
        file_context=entry.file_context,
        native_context=entry.native_context,
        extended_context=entry.extended_context,
    )


def shape_of_file(
    file: ModelFile, native_context: int | None = None, extended_context: int | None = None
) -> ModelShape:
    """From a model's own headers, and what is known from outside of the contexts it can reach."""
    first, headers = file.headers[0], file.headers
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
        weights_bytes=file.bytes,
        blocks_bytes=sum(each.bytes for each in blocks),
        experts_bytes=sum(each.bytes for each in blocks if "_exps." in each.name),
        output_bytes=output.bytes if output else 0,
        expert_share=first.number("expert_used_count") / experts if experts else 1.0,
        vocabulary_tokens=first.vocabulary_tokens,
        file_context=first.number("context_length"),
        native_context=native_context,
        extended_context=extended_context,
    )
