"""What llama.cpp's build can compute on: its devices with their memory, and the instruction sets it uses."""

import ctypes
from dataclasses import dataclass
from typing import Any

from qwen3cli.engine.bindings import bindings, ggml_function

# enum ggml_backend_dev_type in ggml-backend.h
_KINDS = {0: "cpu", 1: "gpu", 2: "integrated gpu", 3: "accelerator"}


@dataclass(frozen=True, slots=True)
class Device:
    """One device. `free_bytes` and `total_bytes` are of its own memory; an integrated GPU shares the machine's."""

    name: str
    description: str
    kind: str
    free_bytes: int
    total_bytes: int

    @property
    def is_gpu(self) -> bool:
        """Whether weights can be put there to gain speed."""
        return self.kind in ("gpu", "integrated gpu")


def devices() -> list[Device]:
    """Every device of this build, in llama.cpp's order."""
    count = ggml_function("ggml_backend_dev_count", result=ctypes.c_size_t)()
    get = ggml_function("ggml_backend_dev_get", [ctypes.c_size_t], ctypes.c_void_p)
    return [_device(get(index)) for index in range(count)]


def system_info() -> str:
    """llama.cpp's own line on instruction sets and back ends."""
    return str(bindings().llama_print_system_info().decode("utf-8", "replace"))


def supports_gpu() -> bool:
    """Whether this build can use a GPU at all."""
    return bool(bindings().llama_supports_gpu_offload())


def _device(handle: Any) -> Device:
    of_handle, sizes = [ctypes.c_void_p], (ctypes.c_size_t(), ctypes.c_size_t())
    ggml_function("ggml_backend_dev_memory", of_handle * 3)(handle, *map(ctypes.byref, sizes))
    name = ggml_function("ggml_backend_dev_name", of_handle, ctypes.c_char_p)(handle)
    description = ggml_function("ggml_backend_dev_description", of_handle, ctypes.c_char_p)(handle)
    kind = ggml_function("ggml_backend_dev_type", of_handle, ctypes.c_int)(handle)
    return Device(
        name=name.decode("utf-8", "replace"),
        description=description.decode("utf-8", "replace"),
        kind=_KINDS.get(kind, "other"),
        free_bytes=sizes[0].value,
        total_bytes=sizes[1].value,
    )
