"""The models known by name: what exists, where it is and how large it is.

Only values. Knows nothing of this disk, this machine or the network, nor of the file they stand in (`catalogue_file`), nor
of what people call them (`names`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from qwen3cli.base.errors import ModelNotFound
from qwen3cli.dialogue.sampling import SamplingDefaults

_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Part:
    """One file on the hub. What is None, no source gives."""

    path: str
    bytes: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Quantization:
    """One quantization of a model: one file, or the parts of a split one in order.

    `parts` is empty where only the hub knows them; `pattern` then says which of its files they are. `estimated_bytes` is
    `bytes` or, where no source gives it, what models of about that size take in that quantization.
    """

    name: str
    repository: str
    revision: str
    pattern: str
    bytes: int | None
    parts: tuple[Part, ...]
    estimated_bytes: int = 0

    @property
    def is_split(self) -> bool:
        """Whether the weights come in several files."""
        return len(self.parts) != 1

    @property
    def is_pinned(self) -> bool:
        """Whether the digest of every part is known, and not only to the hub."""
        return bool(self.parts) and all(part.sha256 for part in self.parts)

    def holds(self, path: str) -> bool:
        """Whether a file of the repository is one of its parts."""
        if self.parts:
            return any(part.path == path for part in self.parts)
        return PurePosixPath(path).match(self.pattern)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `parameters` are millions; `experts` 0 is a dense model. It was trained on `native_context` tokens, its
    files allow `file_context`; `extended_context` None: no YaRN."""

    name: str
    title: str
    thinking: str
    license: str
    parameters: int
    active_parameters: int
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_size: int
    feed_forward: int
    experts: int
    experts_used: int
    native_context: int
    file_context: int
    extended_context: int | None
    default: str
    sampling: SamplingDefaults
    quantizations: tuple[Quantization, ...]

    @property
    def longest_context(self) -> int:
        """The most tokens it can be asked to read: with YaRN, or what its files allow."""
        return max(self.file_context, self.extended_context or 0)

    def quantization(self, name: str | None) -> Quantization:
        """The quantization of that name, or the default one.

        Raises:
            ModelNotFound: names those that exist.
        """
        wanted = (name or self.default).lower().replace("-", "_")
        for each in self.quantizations:
            if each.name.replace("-", "_") == wanted:
                return each
        known = ", ".join(each.name for each in self.quantizations)
        raise ModelNotFound(f"{self.name} has no quantization {name}", f"one of: {known}")


class Catalogue:
    """Every known model, by its own name; `names` knows what else it may be called."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def name_of(self, repository: str, path: str) -> str | None:
        """What is typed behind `--size` for a file of a repository; None for one that no entry has."""
        for entry in self:
            for each in entry.quantizations:
                if each.repository == repository and each.holds(path):
                    return f"{entry.name}:{each.name}"
        return None


def is_repository(name: str) -> bool:
    """Whether this is OWNER/NAME."""
    return _REPOSITORY.fullmatch(name) is not None


def is_inside(path: str) -> bool:
    """Whether a file's path stays in the folder it is put under."""
    parts = path.split("/")
    return "\\" not in path and ":" not in path and not {"", ".", ".."} & set(parts)
