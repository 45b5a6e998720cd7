"""Qwen3's architecture in PyTorch, as small as it gets: RMS norms, grouped-query attention with normed queries and
keys, rotary positions, SwiGLU, tied embeddings. Shapes follow the values as trailing comments; B rows of T tokens."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network. Width and feed-forward are multiples of 32, the block of Q8_0."""

    vocabulary: int
    layers: int = 4
    width: int = 192
    heads: int = 6
    kv_heads: int = 2
    head_size: int = 32
    feed_forward: int = 512
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-6


class Block(nn.Module):
    """One layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        inner, kv = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
        self.attn_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        self.attn_q = nn.Linear(shape.width, inner, bias=False)
        self.attn_k = nn.Linear(shape.width, kv, bias=False)
        self.attn_v = nn.Linear(shape.width, kv, bias=False)
        self.attn_output = nn.Linear(inner, shape.width, bias=False)
        self.attn_q_norm = nn.RMSNorm(shape.head_size, shape.norm_epsilon)
        self.attn_k_norm = nn.RMSNorm(shape.head_size, shape.norm_epsilon)
        self.ffn_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        x = x + self._attend(self.attn_norm(x), cos, sin, mask)
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))

    def _attend(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, _ = x.shape
        size, groups = self.shape.head_size, self.shape.heads // self.shape.kv_heads
        q = self.attn_q_norm(self.attn_q(x).view(rows, tokens, -1, size)).transpose(
            1, 2
        )  # B H T 32
        k = self.attn_k_norm(self.attn_k(x).view(rows, tokens, -1, size)).transpose(
            1, 2
        )  # B 2 T 32
        v = self.attn_v(x).view(rows, tokens, -1, size).transpose(1, 2)  # B 2 T 32
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)  # B H T 32
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # B H T 32
        return self.attn_output(seen.transpose(1, 2).reshape(rows, tokens, -1))


class Network(nn.Module):
    """Token ids (B, T) and document numbers (B, T) in, logits (B, T, vocabulary) out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, shape.norm_epsilon)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                spread = (
                    0.02 / (2 * shape.layers) ** 0.5
                    if name.endswith(("output.weight", "down.weight"))
                    else 0.02
                )
                nn.init.normal_(weight, std=spread * (192 / shape.width) ** 0.5 * 2)

    def forward(self, ids: Tensor, documents: Tensor) -> Tensor:
        tokens = ids.shape[1]
        cos, sin = _angles(tokens, self.shape)
        earlier = torch.ones(tokens, tokens, dtype=torch.bool).tril()
        mask = (documents[:, None, :, None] == documents[:, None, None, :]) & earlier  # B 1 T T
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, cos, sin, mask)
        return F.linear(self.output_norm(x), self.token_embd.weight)


def _angles(tokens: int, shape: Shape) -> tuple[Tensor, Tensor]:
    half = shape.head_size // 2
    speeds = shape.rope_base ** (-torch.arange(half) / half)
    angles = torch.outer(torch.arange(tokens), speeds)  # T 16
    return angles.cos(), angles.sin()


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions in the half-split layout that llama.cpp calls NeoX."""
    left, right = x.chunk(2, -1)
    return torch.cat([left * cos - right * sin, right * cos + left * sin], -1)
