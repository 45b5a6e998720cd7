"""A model that fills in a form as it is told: `write_scribe` makes a one-layer Qwen3 GGUF that, held to a schema, says exactly
the given answers, through the real engine and grammar.

A parrot (`parrot.py`) knows only the token before, which is lost where the grammar forces text. A scribe remembers the last
piece that it said itself: an answer's pieces have numbers, keys turned further the higher they are, and one head that looks at
the highest one there is. Its value is a code of signs, from which the output matrix knows which piece is next. While text is
forced only single bytes are possible, which come second. Which answer is said, a marker tells that the template writes:
`<|say-0|>`, `<|say-1|>` and so on.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from llguidance import LLMatcher, LLTokenizer
from support.parrot import byte_characters

from qwen3cli.engine.grammar import Grammar

_CHARACTERS = byte_characters()
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_END = 258
_PIECE_BYTES = 24
_HEAD = 64
# The pair of a head that turns slowest, and a base so large that it does not turn at all.
_COSINE, _SINE, _ROPE_BASE = 31, 63, 1e30
_SHARPNESS = 24.0  # weight of the norms of queries and keys: makes the highest key win by far
_CODE = 63  # signs of a code; the last value is always there, and lets bytes come second
_SECOND = 0.8 * _CODE
_FIRST_ANGLE, _LAST_ANGLE, _OTHERS = 2.2, 0.9, 3.0  # of keys, from what a query looks at
_ALIGNED = 64


def template_choosing(*choices: tuple[str, int]) -> str:
    """A chat template that has the answer said whose words stand in the last message; answer 0 if none do."""
    chosen = "0"
    for words, answer in reversed(choices):
        chosen = f"{answer} if {words!r} in messages[-1].content else ({chosen})"
    return (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "<|im_start|>assistant\n{% if enable_thinking is false %}<think>\n\n</think>{% endif %}"
        f"<|say-{{{{ {chosen} }}}}|>\n\n"
    )


def write_scribe(
    path: Path,
    answers: Sequence[tuple[str, Grammar]],
    template: str = template_choosing(),
    context_tokens: int = 4096,
) -> Path:
    """Write a model that says these answers, each held to its grammar."""
    seen = {bytes([b]) for b in range(256)}
    cuts = [_cut(text.encode(), grammar, seen) for text, grammar in answers]
    chains = [[f"<|say-{at}|>".encode(), *cut] for at, cut in enumerate(cuts)]
    pieces = [piece for chain in chains for piece in chain]
    texts = [*_CHARACTERS, *_SPECIAL, *(_spelled(piece) for piece in pieces)]
    types = [TokenType.NORMAL] * len(texts)
    types[256:259] = [TokenType.CONTROL] * len(_SPECIAL)
    at = 259
    for chain in chains:
        types[at] = TokenType.CONTROL
        at += len(chain)
    width = -(-(len(texts) + _HEAD) // _ALIGNED) * _ALIGNED
    writer = GGUFWriter(path, "qwen3")
    writer.add_name("scribe")
    writer.add_block_count(1)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(64)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(_HEAD)
    writer.add_value_length(_HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(_ROPE_BASE)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_merges([f"{_CHARACTERS[0xC0]} {_CHARACTERS[0xC1]}"])
    writer.add_eos_token_id(_END)
    writer.add_bos_token_id(256)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    _add_tensors(writer, len(texts), width, list(map(len, chains)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(writer: GGUFWriter, tokens: int, width: int, chains: Sequence[int]) -> None:
    first = tokens - sum(chains)
    angles = np.full(tokens, _OTHERS)
    angles[first:] = np.linspace(_FIRST_ANGLE, _LAST_ANGLE, tokens - first)
    keys, values = np.zeros((2, _HEAD, width), np.float16)
    keys[_COSINE, :tokens], keys[_SINE, :tokens] = np.cos(angles), np.sin(angles)
    codes = np.random.default_rng(0).choice((-1.0, 1.0), (tokens, _CODE))
    values[:_CODE, :tokens] = codes.T
    values[_CODE, :] = 1
    queries = np.zeros((_HEAD, width), np.float16)
    queries[_COSINE] = 1
    memory = slice(tokens, tokens + _HEAD)  # where the last piece's code stands, behind the tokens
    into_memory = np.zeros((width, _HEAD), np.float16)
    into_memory[memory] = np.eye(_HEAD)
    output = np.zeros((tokens, width), np.float16)
    output[:256, tokens + _CODE] = _SECOND
    at = first
    for length in chains:
        for before in range(at, at + length - 1):
            output[before + 1, memory][:_CODE] = codes[before]
        output[_END, memory][:_CODE] = codes[at + length - 1]
        at += length
    embedding = np.zeros((tokens, width), np.float16)
    embedding[np.arange(tokens), np.arange(tokens)] = 1
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    writer.add_tensor("output.weight", output)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(width, np.float32))
    for name in ("attn_q_norm", "attn_k_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.full(_HEAD, _SHARPNESS, np.float32))
    for name, weights in (("attn_q", queries), ("attn_k", keys), ("attn_v", values)):
        writer.add_tensor(f"blk.0.{name}.weight", weights)
    writer.add_tensor("blk.0.attn_output.weight", into_memory)
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((64, width), np.float16))
    writer.add_tensor("blk.0.ffn_down.weight", np.zeros((width, 64), np.float16))


def _cut(text: bytes, grammar: Grammar, seen: set[bytes]) -> list[bytes]:
    """The pieces that the model says itself, all different: what the grammar forces before each is left out."""
    matcher = LLMatcher(LLTokenizer("byte"), grammar.compiled, log_level=0)
    pieces: list[bytes] = []
    at = 0
    while True:
        forced = matcher.compute_ff_bytes()
        assert text.startswith(forced, at), f"the grammar forces {forced!r} after {text[:at]!r}"
        start = at + len(forced)
        piece = _unseen(text[start:], seen) if start < len(text) else b""
        for byte in (*forced, *piece):
            assert matcher.consume_token(byte), f"the grammar does not allow {text[: at + 40]!r}"
        at = start + len(piece)
        if not piece:
            return pieces
        pieces.append(piece)


def _unseen(text: bytes, seen: set[bytes]) -> bytes:
    """The beginning of a text that is no token yet: of the usual length if it can be, longer or shorter else. The end stays
    with what is before it, since it is what answers have in common."""
    usual = len(text) if len(text) < 2 * _PIECE_BYTES else _PIECE_BYTES
    lengths = (*range(usual, len(text) + 1), *range(usual, 0, -1))
    piece = next((text[:length] for length in lengths if text[:length] not in seen), b"")
    assert piece, f"{text!r} ends as another answer does: let them differ at their ends"
    seen.add(piece)
    return piece


def _spelled(piece: bytes) -> str:
    return piece.decode() if piece.startswith(b"<|say-") else "".join(_CHARACTERS[b] for b in piece)
