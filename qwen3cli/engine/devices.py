"""What llama.cpp's build can compute on: its devices with their memory, and the instruction sets it uses."""

import ctypes
from dataclasses import dataclass
from typing import Any

from qwen3cli.engine.bindings import bindings

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
    library = _library()
    count = library.ggml_backend_dev_count()
    return [_device(library, library.ggml_backend_dev_get(index)) for index in range(count)]


def system_info() -> str:
    """llama.cpp's own line on instruction sets and back ends."""
    return str(bindings().llama_print_system_info().decode("utf-8", "replace"))


def supports_gpu() -> bool:
    """Whether this build can use a GPU at all."""
    return bool(bindings().llama_supports_gpu_offload())


def _device(library: Any, handle: Any) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    library.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    return Device(
        name=library.ggml_backend_dev_name(handle).decode("utf-8", "replace"),
        description=library.ggml_backend_dev_description(handle).decode("utf-8", "replace"),
        kind=_KINDS.get(library.ggml_backend_dev_type(handle), "other"),
        free_bytes=int(free.value),
        total_bytes=int(total.value),
    )


def _library() -> Any:
    """The ggml library, with the types of the functions we call. The bindings load it and declare none of these."""
    bindings()
    import llama_cpp._ggml as ggml

    library = ggml.libggml
    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    library.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    library.ggml_backend_dev_get.restype = ctypes.c_void_p
    for name in ("name", "description"):
        function = getattr(library, f"ggml_backend_dev_{name}")
        function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_char_p
    library.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    library.ggml_backend_dev_type.restype = ctypes.c_int
    library.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.ggml_backend_dev_memory.restype = None
    return library
