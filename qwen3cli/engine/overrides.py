"""Keeping a mixture-of-experts model's experts in main memory while the rest is on the GPU.

llama.cpp takes a list of (tensor name pattern, buffer type), ended by a null entry. The bindings leave that field as a
bare pointer, so the list is built here.
"""

import ctypes
from typing import Any

from qwen3cli.engine.bindings import ggml_function

# The routed experts of one layer, as llama.cpp's own `--n-cpu-moe` names them.
_EXPERTS_OF_LAYER = r"blk\.{layer}\.ffn_(up|down|gate|gate_up)_(ch|)exps"


class _Override(ctypes.Structure):
    """struct llama_model_tensor_buft_override in llama.h."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def expert_overrides(layers: int) -> Any | None:
    """The list for the first `layers` layers, or None for none. Keep it alive until the model is loaded."""
    if layers == 0:
        return None
    cpu = _cpu_buffer_type()
    entries = [
        _Override(_EXPERTS_OF_LAYER.format(layer=layer).encode(), cpu) for layer in range(layers)
    ]
    return (_Override * (layers + 1))(*entries, _Override(None, None))


def _cpu_buffer_type() -> Any:
    return ggml_function("ggml_backend_cpu_buffer_type", result=ctypes.c_void_p)()
