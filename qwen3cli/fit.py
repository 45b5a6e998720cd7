"""How much memory a model takes: arithmetic on shapes, nothing read and nothing measured.

KV cache   2 (keys and values) x layers x KV heads x head size x bytes of the type, for every token of context
"""

from dataclasses import dataclass
from enum import StrEnum


class KvType(StrEnum):
    """How keys and values are stored. Smaller types halve or quarter the KV cache and cost a little accuracy."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


# Bytes for one stored number: ggml's block sizes, a half-precision scale for every 32 numbers included.
_KV_BYTES = {KvType.F16: 2.0, KvType.Q8_0: 34 / 32, KvType.Q4_0: 18 / 32}

# Left free for everything else that runs: the smallest margin at which a two-core machine did not start to swap.
SPARE_BYTES = 256 * 2**20


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
