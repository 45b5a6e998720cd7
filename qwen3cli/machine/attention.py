"""What a context takes of memory: the keys and values it keeps, and the attention scores while a chunk is computed.

Knows nothing of weights.
"""

from dataclasses import dataclass
from enum import StrEnum

# What a sum is for where nobody says: a conversation of some turns.
DEFAULT_CONTEXT_TOKENS = 4096
# Tokens computed at once. 512 is llama.cpp's own physical batch: larger ones gain nothing on CPUs and cost memory.
CHUNK_TOKENS = 512
_NUMBER_BYTES, _HALF_BYTES = 4, 2
# Here the scores take 0.8 GiB for the 0.6B and 3.0 GiB for the 32B, beside a KV cache of 1.8 and 4.0 GiB.
_LONG_TOKENS = 16_384


class KvType(StrEnum):
    """How keys and values are stored. Smaller types halve or quarter the KV cache and cost a little accuracy."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


# Bytes for one stored number: ggml's block sizes, a half-precision scale for every 32 numbers included.
_KV_BYTES = {KvType.F16: 2.0, KvType.Q8_0: 34 / 32, KvType.Q4_0: 18 / 32}


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """What decides the size of the KV cache and of the attention scores. Keys and values may differ in size, though not in Qwen3."""

    layers: int
    heads: int
    kv_heads: int
    key_size: int
    value_size: int

    def kv_bytes(self, context_tokens: int, kv_type: KvType) -> int:
        """The KV cache of so many tokens."""
        numbers = self.layers * self.kv_heads * (self.key_size + self.value_size)
        return round(context_tokens * numbers * _KV_BYTES[kv_type])

    def scores_bytes(self, context_tokens: int, *, flash: bool) -> int:
        """The attention scores of one chunk, and the mask on them, in the working memory that llama.cpp reserves."""
        if flash:  # the mask alone, in half precision
            return CHUNK_TOKENS * context_tokens * _HALF_BYTES
        return CHUNK_TOKENS * context_tokens * (self.heads + 1) * _NUMBER_BYTES

    def halved_scores_bytes(self, context_tokens: int, *, flash: bool) -> int:
        """The copy of the scores in half precision that ggml makes before it multiplies them with the values. It reserves
        no room for it and never speaks of it (ggml-cpu.c, ggml_graph_plan)."""
        if flash:
            return 0
        return CHUNK_TOKENS * context_tokens * self.heads * _HALF_BYTES


def uses_flash_attention(asked_tokens: int | None, kv_type: KvType) -> bool:
    """Whether attention on a CPU is computed without ever holding its scores at once. `asked_tokens` is the longest
    context, if anyone asked for one.

    A smaller type than F16 cannot do without. With F16 it is the slower way (two cores, 0.6B Q8_0, one pair each: decode
    0.95 times as fast at 512 tokens, 0.73 at 2,560; 8,000 tokens of prefill in 1.2 times the time), so it is left to those
    who ask for a long context, where the scores would take gigabytes. It cannot be changed later: the values are stored
    in another order.
    """
    return kv_type is not KvType.F16 or (asked_tokens or 0) > _LONG_TOKENS
