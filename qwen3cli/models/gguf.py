"""What a GGUF file says of itself, read without loading it: its metadata and its table of tensors.

Format: ggml's docs/gguf.md. Knows nothing of llama.cpp. A file is data from a stranger: every length is checked against
what is left of the file, long arrays are skipped, and whatever is wrong becomes one `BadModelFile`.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import BadModelFile
from qwen3cli.base.units import bytes_text
from qwen3cli.models.split import parts_of

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_DEFAULT_ALIGNMENT = 32
# Longer arrays (the vocabulary, its merges) are counted and skipped.
_KEEP_ARRAY_ITEMS = 64
_MOST_KEYS = 100_000
# Headers end long before this. The whole of a file may be more than the process has addresses left (`ulimit -v`).
_WINDOW_BYTES = 64 * 2**20
_MOST_TENSORS = 100_000

# Metadata value types: number -> struct format. 8 is a string, 9 an array.
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9

# ggml tensor types: number -> (name, weights in a block, bytes of a block); enum ggml_type in ggml.h.
_TENSOR_TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensor:
    """One row of the tensor table. `shape` is in ggml's order, the fastest dimension first."""

    name: str
    shape: tuple[int, ...]
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Header:
    """The metadata and the tensors. `expected_bytes` is where the last tensor ends; `head_bytes` how much of the file
    comes before the first."""

    metadata: Mapping[str, Any]
    tensors: tuple[Tensor, ...]
    file_bytes: int
    expected_bytes: int
    head_bytes: int

    @property
    def architecture(self) -> str:
        """Such as `qwen3` or `qwen3moe`; empty if the file does not say."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def vocabulary_tokens(self) -> int:
        """How many tokens the file's tokenizer has."""
        tokens = self.metadata.get("tokenizer.ggml.tokens", 0)
        return len(tokens) if isinstance(tokens, list) else int(tokens)

    def number(self, key: str, default: int = 0) -> int:
        """A number of the architecture, such as `block_count`."""
        value = self.metadata.get(f"{self.architecture}.{key}", default)
        return value if isinstance(value, int) else default


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model on disk, by the headers of all its parts. The first one has the metadata."""

    path: Path
    headers: tuple[Header, ...]

    @property
    def parts(self) -> list[Path]:
        """Its files, one for each header."""
        return parts_of(self.path)

    @property
    def bytes(self) -> int:
        """Its size on disk."""
        return sum(each.file_bytes for each in self.headers)

    @property
    def tensor_types(self) -> frozenset[str]:
        """The types its weights are stored in, such as `Q4_K`."""
        return frozenset(tensor.type for each in self.headers for tensor in each.tensors)


def check_is_gguf(path: Path) -> None:
    """Whether the file could be a GGUF at all. Costs one read of four bytes.

    Raises:
        BadModelFile: a folder, empty, unreadable, or something else; says which.
    """
    try:
        if not (path.is_file() or path.is_dir()):  # a pipe would be waited for
            raise BadModelFile(f"{path} is no file", "give a .gguf file")
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except IsADirectoryError:
        raise BadModelFile(
            f"{path} is a folder, not a model file", f"name the .gguf inside it: ls {path}"
        ) from None
    except OSError as problem:
        raise BadModelFile(f"cannot read {path}: {problem.strerror}") from problem
    if not start:
        raise BadModelFile(f"{path} is empty", "download it again")
    if start != _MAGIC:
        raise BadModelFile(
            f"{path} is not a GGUF file: it begins with {start.decode('latin-1')!a}",
            "give a .gguf file",
        )


def read_model(path: Path) -> ModelFile:
    """Read the headers of a model: of one file or, if it is split, of every part.

    Raises:
        BadModelFile: one of them is damaged or missing.
    """
    parts = parts_of(path)
    for part in parts:
        if len(parts) > 1 and not part.is_file():
            raise BadModelFile(f"a part of this model is missing: {part}", "download it again")
    return ModelFile(path, tuple(read_header(part) for part in parts))


def read_header(path: Path) -> Header:
    """Read everything but the weights.

    Raises:
        BadModelFile: damaged, cut short, or not a GGUF.
    """
    check_is_gguf(path)
    size = path.stat().st_size
    header = _within_window(path, size, min(size, _WINDOW_BYTES)) or _within_window(
        path, size, size
    )
    if header is None:
        raise _damaged(path, "its header ends too early")
    if header.file_bytes < header.expected_bytes:
        raise BadModelFile(
            f"{path} is cut short: it has {bytes_text(header.file_bytes)} of {bytes_text(header.expected_bytes)}",
            "download it again",
        )
    return header


def _within_window(path: Path, file_bytes: int, window_bytes: int) -> Header | None:
    """The header, if it ends within so many first bytes."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), window_bytes, access=mmap.ACCESS_READ) as data,
    ):
        try:
            return _Reader(data, file_bytes, path).header()
        except (_EndsEarly, struct.error, OverflowError):
            return None


class _EndsEarly(Exception):
    """The header goes on behind what is looked at."""


class _Reader:
    """Walks through the header once."""

    def __init__(self, data: mmap.mmap, file_bytes: int, path: Path) -> None:
        self._data = data
        self._file_bytes = file_bytes
        self._path = path
        self._at = len(_MAGIC)

    def header(self) -> Header:
        """The whole header, in the order of the file."""
        version = self._number("<I")
        if version not in _VERSIONS:
            raise _damaged(self._path, f"unknown GGUF version {version}")
        tensor_count, key_count = self._number("<Q"), self._number("<Q")
        if tensor_count > _MOST_TENSORS or key_count > _MOST_KEYS:
            raise _damaged(self._path, f"it claims {tensor_count:,} tensors and {key_count:,} keys")
        metadata = {self._text(): self._value(self._number("<I")) for _ in range(key_count)}
        rows = [self._tensor() for _ in range(tensor_count)]
        alignment = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
        if not isinstance(alignment, int) or alignment <= 0:
            raise _damaged(self._path, "its alignment is no number")
        start = -(-self._at // alignment) * alignment
        end = max((start + offset + tensor.bytes for tensor, offset in rows), default=start)
        tensors = tuple(tensor for tensor, _ in rows)
        return Header(metadata, tensors, self._file_bytes, end, self._at)

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def _text(self) -> str:
        length = self._number("<Q")
        self._within(length)
        text = self._data[self._at : self._at + length].decode("utf-8", "replace")
        self._at += length
        return text

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._array()
        form = _SCALARS.get(kind)
        if form is None:
            raise _damaged(self._path, f"unknown metadata type {kind}")
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return value

    def _array(self) -> list[Any] | int:
        """The items of a short array, or how many a long one has."""
        kind, count = self._number("<I"), self._number("<Q")
        self._within(count)
        if kind != _STRING and kind not in _SCALARS:
            raise _damaged(self._path, f"an array of type {kind}")
        if count <= _KEEP_ARRAY_ITEMS:
            return [self._value(kind) for _ in range(count)]
        if kind == _STRING:
            self._skip_texts(count)
        else:
            length = count * struct.calcsize(_SCALARS[kind])
            self._within(length)
            self._at += length
        return count

    def _skip_texts(self, count: int) -> None:
        unpack, data, at = struct.Struct("<Q").unpack_from, self._data, self._at
        for _ in range(count):
            at += 8 + unpack(data, at)[0]
        self._at = at
        self._within(0)

    def _tensor(self) -> tuple[Tensor, int]:
        name = self._text()
        dimensions = self._number("<I")
        if dimensions > 8:
            raise _damaged(self._path, f"{name!a} has {dimensions} dimensions")
        shape = tuple(self._number("<Q") for _ in range(dimensions))
        kind, offset = self._number("<I"), self._number("<Q")
        type_name, block_weights, block_bytes = _TENSOR_TYPES.get(kind, (f"type {kind}", 1, 0))
        return Tensor(name, shape, type_name, prod(shape) // block_weights * block_bytes), offset

    def _within(self, length: int) -> None:
        if self._at + length > len(self._data):
            raise _EndsEarly


def _damaged(path: Path, reason: str) -> BadModelFile:
    return BadModelFile(f"{path} is damaged: {reason}", "download it again")
