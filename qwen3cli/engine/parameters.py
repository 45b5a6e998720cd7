"""A plan in llama.cpp's own structures, with the reason for every value that is not its default."""

import ctypes
import platform
from typing import Any

from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.overrides import expert_overrides
from qwen3cli.machine.attention import CHUNK_TOKENS, KvType
from qwen3cli.machine.plan import FlashAttention, Plan
from qwen3cli.models.gguf import ModelFile

# Types of weights that the CPU back end multiplies faster in an order of its own (ggml-cpu/repack.cpp), by processor.
_REPACKED_ON_X86 = frozenset({"Q4_0", "Q4_K", "Q2_K", "IQ4_NL", "MXFP4"})
_REPACKED_ON_ARM = _REPACKED_ON_X86 | {"Q5_K", "Q6_K", "Q8_0"}
_REPACKED_TYPES = {
    "x86_64": _REPACKED_ON_X86,
    "amd64": _REPACKED_ON_X86,
    "aarch64": _REPACKED_ON_ARM,
    "arm64": _REPACKED_ON_ARM,
}


def model_parameters(file: ModelFile, plan: Plan, *, mapped: bool = False) -> tuple[Any, Any]:
    """How to load a file, and what must be kept alive until it is loaded."""
    params = bindings().llama_model_default_params()
    params.n_gpu_layers = plan.placement.gpu_layers
    params.load_mode = bindings().LLAMA_LOAD_MODE_MMAP if mapped else _load_mode(file, plan)
    params.use_extra_bufts = not mapped
    overrides = expert_overrides(plan.placement.expert_layers_on_cpu)
    if overrides is not None:
        params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
    return params, overrides


def context_parameters(size_tokens: int, plan: Plan, sequences: int = 1) -> Any:
    """How to make a context of so many tokens for each sequence. Their caches are apart: in one cache each would attend
    to the cells of all (at depth 512, 16 sequences made 96 tokens/s, and 46 in one)."""
    llama = bindings()
    params = llama.llama_context_default_params()
    params.n_ctx = size_tokens * sequences
    params.n_batch = params.n_ubatch = CHUNK_TOKENS
    params.n_seq_max = sequences
    params.n_outputs_max = (
        sequences  # logits of one token of each; else 300 MiB are kept for those of a whole chunk
    )
    params.n_threads = params.n_threads_batch = plan.threads
    params.no_perf = True
    kv_type = {
        KvType.F16: llama.GGML_TYPE_F16,
        KvType.Q8_0: llama.GGML_TYPE_Q8_0,
        KvType.Q4_0: llama.GGML_TYPE_Q4_0,
    }[plan.kv_type]
    params.type_k = params.type_v = kv_type
    params.flash_attn_type = {
        FlashAttention.OFF: llama.LLAMA_FLASH_ATTN_TYPE_DISABLED,
        FlashAttention.ON: llama.LLAMA_FLASH_ATTN_TYPE_ENABLED,
        FlashAttention.AUTO: llama.LLAMA_FLASH_ATTN_TYPE_AUTO,
    }[plan.flash_attention]
    if plan.yarn_original_tokens is not None:
        params.rope_scaling_type = llama.LLAMA_ROPE_SCALING_TYPE_YARN
        params.rope_freq_scale = plan.yarn_original_tokens / plan.limit_tokens
        params.yarn_orig_ctx = plan.yarn_original_tokens
    return params


def _load_mode(file: ModelFile, plan: Plan) -> Any:
    """Map the file, unless the CPU back end will store its weights in another order: it would then hold them twice."""
    llama = bindings()
    repacked = _REPACKED_TYPES.get(platform.machine().lower(), frozenset())
    if plan.placement.gpu_layers == 0 and file.tensor_types & repacked:
        return llama.LLAMA_LOAD_MODE_NONE
    return llama.LLAMA_LOAD_MODE_MMAP
