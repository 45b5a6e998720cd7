"""Write the demo network as a GGUF: matrices in Q8_0, norms in F32, tokenizer and chat template inside.

The template can be changed afterwards without touching the weights: CONTRIBUTING says how.
"""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType
from gguf.quants import quantize

from qwen3cli.demo.training.corpus.conversation import TEMPLATE
from qwen3cli.demo.training.network import Network, Shape
from qwen3cli.demo.training.tokens import CONTROL, NEVER_MERGED, Vocabulary, byte_characters

CONTEXT_TOKENS = 4096
DESCRIPTION = "The embedded demo of the qwen3 command-line tool. Not one of the eight Qwen3 models."


def write_gguf(network: Network, vocabulary: Vocabulary, out: Path) -> None:
    """Write the file beside its place, then put it there."""
    beside = out.with_suffix(".partial")
    writer = GGUFWriter(beside, "qwen3")
    _write_facts(writer, network.shape)
    _write_tokenizer(writer, vocabulary)
    for name, weight in network.state_dict().items():
        values = weight.detach().float().numpy()
        if values.ndim == 1:
            writer.add_tensor(name, values.astype(np.float32))
        else:
            packed = quantize(values, GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    beside.replace(out)


def _write_facts(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_name("Qwen3 demo")
    writer.add_description(DESCRIPTION)
    writer.add_license("apache-2.0")
    writer.add_block_count(shape.layers)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_file_type(7)  # mostly Q8_0, in llama.cpp's list of file types


def _write_tokenizer(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    types = [TokenType.NORMAL] * len(vocabulary)
    for text in vocabulary.whole:
        kind = TokenType.CONTROL if text in CONTROL else TokenType.USER_DEFINED
        types[vocabulary.ids[text]] = kind
    for unused in range(vocabulary.first_whole + len(vocabulary.whole), len(vocabulary)):
        types[unused] = TokenType.UNUSED
    characters = byte_characters()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.texts)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(characters[byte] for byte in NEVER_MERGED)])
    writer.add_eos_token_id(vocabulary.ids["<|im_end|>"])
    writer.add_eot_token_id(vocabulary.ids["<|im_end|>"])
    writer.add_pad_token_id(vocabulary.ids["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))
