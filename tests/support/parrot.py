"""A model that says what it is told: `write_parrot` makes a one-layer Qwen3 GGUF that answers any prompt ending in a new
line with exactly the bytes it is given, through the real engine, tokenizer, parser and renderer.

So a test can have any answer: markup, hostile bytes, characters cut between tokens, tool calls. How: one-hot embeddings,
attention and feed-forward all zero, an output matrix that sends each token to its successor, the last one to `<|im_end|>`.
With `then` and `TOOL_TEMPLATE` it has a second answer, for when a tool has been called.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

# A chat template whose generation prompt ends in a new line, with Qwen3's switch: what a parrot needs.
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
)
# The same for two answers: behind a tool's result the prompt ends in a tab.
TOOL_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{{ m.tool_calls or '' }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n{{ '\t' if messages[-1].role == 'tool' else '' }}"
)
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_END = 258
_NEW_LINE, _TAB = 10, 9
_PIECE_BYTES = 6
_ALIGNED = 64


def byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each of the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    stand_ins = {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(others)}
    return [stand_ins[b] for b in range(256)]


_CHARACTERS = byte_characters()


def write_parrot(
    path: Path,
    said: bytes,
    template: str = TEMPLATE,
    context_tokens: int = 4096,
    chunks: Sequence[bytes] | None = None,
    tokenizer: str = "qwen2",
    followers: Mapping[str, str] | None = None,
    then: bytes = b"",
) -> Path:
    """Write a model that says exactly `said`. `chunks` are its tokens, all different, if the cuts matter. `followers`
    are single bytes that come after other ones, where those were put into its mouth; an empty one ends its turn."""
    first = list(chunks) if chunks is not None else _cut(said)
    second = _cut(then, first)
    pieces = [*first, *second]
    texts = [*_CHARACTERS, *_SPECIAL, *map(_spelled, pieces)]
    assert len(set(texts)) == len(texts), "two tokens are alike"
    types = [TokenType.NORMAL] * len(texts)
    types[256:259] = [TokenType.CONTROL] * len(_SPECIAL)
    width = -(-len(texts) // _ALIGNED) * _ALIGNED
    writer = GGUFWriter(path, "qwen3")
    writer.add_name("parrot")
    writer.add_block_count(1)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(64)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(64)
    writer.add_value_length(64)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer)
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_merges([f"{_CHARACTERS[0xC0]} {_CHARACTERS[0xC1]}"])
    writer.add_eos_token_id(_END)
    writer.add_bos_token_id(256)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    chains = {_NEW_LINE: len(first)} | ({_TAB: len(second)} if second else {})
    _add_tensors(writer, len(texts), width, chains, followers or {})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(
    writer: GGUFWriter,
    tokens: int,
    width: int,
    chains: dict[int, int],
    followers: Mapping[str, str],
) -> None:
    """`chains` are the lengths of what is said, each by the token it is said behind."""
    embedding = np.zeros((tokens, width), np.float16)
    embedding[np.arange(tokens), np.arange(tokens)] = 1
    output = np.zeros((tokens, width), np.float16)
    piece = _END
    for before, pieces in chains.items():
        for _ in range(pieces):
            piece += 1
            output[piece, before] = 10
            before = piece
        output[_END, before] = 10
    for byte, follower in followers.items():
        output[ord(follower) if follower else _END, ord(byte)] = 10
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    writer.add_tensor("output.weight", output)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(width, np.float32))
    for name in ("attn_q_norm", "attn_k_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(64, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((64, width), np.float16))
    for name in ("attn_output", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((width, 64), np.float16))


def _spelled(piece: bytes) -> str:
    return "".join(_CHARACTERS[b] for b in piece)


def _cut(said: bytes, besides: Sequence[bytes] = ()) -> list[bytes]:
    """Tokens of a few bytes, each different from all others: one that was said before is made longer."""
    pieces: list[bytes] = []
    seen = {bytes([b]) for b in range(256)} | set(besides)
    at = 0
    while at < len(said):
        end = min(at + _PIECE_BYTES, len(said))
        while said[at:end] in seen and end < len(said):
            end += 1
        piece = said[at:end]
        while (
            piece in seen and pieces
        ):  # the end was said before: it joins the token in front of it
            piece = pieces.pop() + piece
            seen.discard(piece)
        assert piece not in seen, f"{piece!r} cannot be told apart from a byte: give chunks"
        seen.add(piece)
        pieces.append(piece)
        at = end
    return pieces
