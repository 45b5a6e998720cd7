"""Write a GGUF with the true shape of any Qwen3 model and random weights: true speed and memory, meaningless text.

    PYTHONPATH=tests python tests/support/write_model.py 0.6b /tmp/qwen3-0.6b-random.gguf [--quant q8_0|q4_k_m] [--hollow]

The shape comes from models.toml. Q4_K_M keeps half of the value and down projections in Q6_K, as llama.cpp does. A hollow
file has the header and, where the weights would be, a hole that takes no disk: enough to ask llama.cpp what it would need.
"""

import argparse
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, TokenType
from support.parrot import byte_characters

from qwen3cli.models.catalogue import Entry
from qwen3cli.models.catalogue_file import read_catalogue

VOCABULARY = 151_936
ALIGNMENT_BYTES = 32  # GGUF's, where a file names none
SPECIAL = {
    151_643: "<|endoftext|>", 151_644: "<|im_start|>", 151_645: "<|im_end|>", 151_657: "<tool_call>",
    151_658: "</tool_call>", 151_665: "<tool_response>", 151_666: "</tool_response>", 151_667: "<think>",
    151_668: "</think>",
}  # fmt: skip
CONTROL = (151_643, 151_644, 151_645)
TEMPLATE = Path(__file__).parents[2] / "qwen3cli" / "demo" / "training" / "chat_template.jinja"
BLOCKS = {Type.F32: (1, 4), Type.Q8_0: (32, 34), Type.Q4_K: (256, 144), Type.Q6_K: (256, 210)}


def write_model(entry: Entry, out: Path, quant: str = "q8_0", seed: int = 1) -> Path:
    """Write the whole model, one tensor in memory at a time; a tied embedding where the real one has it."""
    random = np.random.default_rng(seed)
    start = _write_header(entry, out, quant)
    with out.open("r+b") as file:
        file.seek(start)
        for _, shape, kind in tensors(entry, quant):
            data = np.ones(shape, np.float32) if kind is Type.F32 else _blocks(random, shape, kind)
            data.tofile(file)
            file.write(bytes(_padded(data.nbytes) - data.nbytes))
    return out


def write_hollow_model(entry: Entry, out: Path, quant: str = "q8_0") -> Path:
    """Write everything but the weights, at the length the file would have."""
    start = _write_header(entry, out, quant)
    weights = sum(_padded(_bytes_of(shape, kind)) for _, shape, kind in tensors(entry, quant))
    os.truncate(out, start + weights)
    return out


def _write_header(entry: Entry, out: Path, quant: str) -> int:
    """Metadata and the table of tensors. Returns where the weights begin."""
    writer = GGUFWriter(out, "qwen3moe" if entry.experts else "qwen3")
    _facts(writer, entry)
    _tokenizer(writer)
    for name, shape, kind in tensors(entry, quant):
        writer.add_tensor_info(name, shape, np.dtype(np.float32), _bytes_of(shape, kind), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    start = _padded(out.stat().st_size)
    os.truncate(out, start)
    return start


def _bytes_of(shape: tuple[int, ...], kind: Type) -> int:
    weights, size = BLOCKS[kind]
    return math.prod(shape) // weights * size


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


def tensors(entry: Entry, quant: str) -> Iterator[tuple[str, tuple[int, ...], Type]]:
    """Name, shape (rows last to first, as NumPy has it) and type of every tensor."""
    base = Type.Q8_0 if quant == "q8_0" else Type.Q4_K
    better = Type.Q8_0 if quant == "q8_0" else Type.Q6_K
    width, heads, kv = entry.width, entry.heads * entry.head_size, entry.kv_heads * entry.head_size
    tied = entry.name in ("0.6b", "1.7b", "4b")
    yield "token_embd.weight", (VOCABULARY, width), better if tied else base
    yield "output_norm.weight", (width,), Type.F32
    if not tied:
        yield "output.weight", (VOCABULARY, width), better
    for layer in range(entry.layers):
        block = f"blk.{layer}."
        special = better if layer % 2 == 0 else base
        yield block + "attn_norm.weight", (width,), Type.F32
        yield block + "attn_q.weight", (heads, width), base
        yield block + "attn_k.weight", (kv, width), base
        yield block + "attn_v.weight", (kv, width), special
        yield block + "attn_q_norm.weight", (entry.head_size,), Type.F32
        yield block + "attn_k_norm.weight", (entry.head_size,), Type.F32
        yield block + "attn_output.weight", (width, heads), base
        yield block + "ffn_norm.weight", (width,), Type.F32
        if entry.experts:
            yield block + "ffn_gate_inp.weight", (entry.experts, width), Type.F32
        suffix, stack = ("_exps", (entry.experts,)) if entry.experts else ("", ())
        yield block + f"ffn_gate{suffix}.weight", (*stack, entry.feed_forward, width), base
        yield block + f"ffn_up{suffix}.weight", (*stack, entry.feed_forward, width), base
        yield block + f"ffn_down{suffix}.weight", (*stack, width, entry.feed_forward), special


def _blocks(random: np.random.Generator, shape: tuple[int, ...], kind: Type) -> np.ndarray:
    weights, size = BLOCKS[kind]
    blocks = math.prod(shape) // weights
    data = random.integers(0, 256, (blocks, size), dtype=np.uint8)
    scale = np.frombuffer(np.float16(0.02 / 127).tobytes(), dtype=np.uint8)
    small = np.frombuffer(np.float16(0.0005).tobytes(), dtype=np.uint8)
    if kind is Type.Q8_0:
        data[:, :2] = scale
    elif kind is Type.Q4_K:
        data[:, :2], data[:, 2:4] = small, small
    else:
        data[:, -2:] = scale
    return data


def _facts(writer: GGUFWriter, entry: Entry) -> None:
    writer.add_name(f"{entry.title} random")
    writer.add_block_count(entry.layers)
    writer.add_context_length(40_960)
    writer.add_embedding_length(entry.width)
    writer.add_feed_forward_length(entry.feed_forward)
    writer.add_head_count(entry.heads)
    writer.add_head_count_kv(entry.kv_heads)
    writer.add_key_length(entry.head_size)
    writer.add_value_length(entry.head_size)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    if entry.experts:
        writer.add_expert_count(entry.experts)
        writer.add_expert_used_count(entry.experts_used)
        writer.add_expert_feed_forward_length(entry.feed_forward)


def _tokenizer(writer: GGUFWriter) -> None:
    characters = byte_characters()
    texts = [*characters, *(f"[{index}]" for index in range(256, VOCABULARY))]
    types = [TokenType.NORMAL] * VOCABULARY
    for index, text in SPECIAL.items():
        texts[index] = text
        types[index] = TokenType.CONTROL if index in CONTROL else TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_merges([f"{characters[0xC0]} {characters[0xC1]}"])
    writer.add_eos_token_id(151_645)
    writer.add_bos_token_id(151_643)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("size")
    flags.add_argument("out", type=Path)
    flags.add_argument("--quant", choices=("q8_0", "q4_k_m"), default="q8_0")
    flags.add_argument("--hollow", action="store_true")
    given = flags.parse_args()
    write = write_hollow_model if given.hollow else write_model
    write(read_catalogue(os.environ)[given.size], given.out, given.quant)
