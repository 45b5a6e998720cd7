"""The models known by name: `models.toml`, and the user's own file of the same shape.

Only data: what exists, where it is and how large it is. Knows nothing of this disk, this machine or the network. Every
entry is checked when it is read, and a bad one is refused with its file and line.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.base.paths import config_folder

FILE_NAME = "models.toml"

# What an entry may say, and of which type. The header of models.toml explains each.
_REQUIRED: dict[str, type] = {
    "name": str,
    "title": str,
    "thinking": str,
    "license": str,
    "parameters": int,
    "layers": int,
    "width": int,
    "heads": int,
    "kv_heads": int,
    "head_size": int,
    "feed_forward": int,
    "native_context": int,
    "default": str,
    "repository": str,
    "revision": str,
    "files": list,
}
_OPTIONAL: dict[str, type] = {
    "active_parameters": int,
    "experts": int,
    "experts_used": int,
    "file_context": int,
    "extended_context": int,
    "sampling_thinking": dict,
    "sampling_direct": dict,
}
_FILE_FIELDS: dict[str, type] = {
    "quant": str,
    "path": str,
    "bytes": int,
    "sha256": str,
    "parts": list,
    "repository": str,
    "revision": str,
}
_PART_FIELDS: dict[str, type] = {"path": str, "bytes": int, "sha256": str}
_SAMPLING_FIELDS = {"temperature", "top_p", "top_k", "min_p", "presence_penalty"}
_THINKING = ("hybrid", "always", "never")
_WORD = re.compile(r"\w[\w.-]*")
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
# Bits for a weight in a quantization of which no entry knows a size: those of Q8_0, the largest in use.
_USUAL_BITS = 8.5
_BYTES_AT_ONE_BIT = 1e6 / 8  # of a million parameters
_NEAREST = 3  # names offered for one that does not exist
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TOML_LINE = re.compile(r"\(at line (\d+)")
_HEADER = re.compile(r"^[ \t]*\[\[\s*model\s*\]\]", re.MULTILINE)


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
    sampling_thinking: Mapping[str, Any] | None
    sampling_direct: Mapping[str, Any] | None
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
    """Every known model, by name."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def find(self, name: str) -> Entry:
        """The entry of that name; `8B`, `qwen3-8b` and `Qwen3:8b` are all `8b`.

        Raises:
            ModelNotFound: names the nearest ones.
        """
        wanted = _plain(name)
        if wanted in self._entries:
            return self._entries[wanted]
        raise ModelNotFound(f"no model is called {name}", self._nearest(wanted))

    def name_of(self, repository: str, path: str) -> str | None:
        """What is typed behind `--size` for a file of a repository; None for one that no entry has."""
        for entry in self:
            for each in entry.quantizations:
                if each.repository == repository and each.holds(path):
                    return f"{entry.name}:{each.name}"
        return None

    def _nearest(self, wanted: str) -> str:
        names = [*self._entries, "demo"]
        begun = [name for name in names if name.startswith(wanted)]
        close = difflib.get_close_matches(wanted, names, n=_NEAREST, cutoff=0.5)
        near = list(dict.fromkeys([*begun, *close]))[:_NEAREST]
        if near:
            return f"did you mean {' or '.join(near)}? qwen3 models lists them all"
        hybrids = [each.name for each in self if each.thinking == "hybrid"]
        return f"the sizes are {', '.join(hybrids)}; and demo, which needs no download"


def split_spec(spec: str) -> tuple[str, str | None]:
    """`8b:q4_k_m` as (`8b`, `q4_k_m`), and `8b` as (`8b`, None)."""
    bare = re.sub(r"^qwen3[:/]", "", spec.strip(), flags=re.IGNORECASE)
    name, _, quant = bare.partition(":")
    return name, quant or None


def read_catalogue(variables: Mapping[str, str]) -> Catalogue:
    """Ours, with the user's own entries over them.

    Raises:
        UsageProblem: an entry is wrong; says where and why.
    """
    entries = _read(shipped_file())
    own = config_folder(variables) / FILE_NAME
    if own.is_file():
        entries |= _read(own)
    return Catalogue(_with_estimates(entries))


def _with_estimates(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with a size for every file: its own, or as many bits for a weight as the model next in size has."""
    known: dict[str, list[tuple[int, float]]] = {}
    for entry in entries.values():
        for each in entry.quantizations:
            if each.bytes is not None:
                bits = each.bytes / (entry.parameters * _BYTES_AT_ONE_BIT)
                known.setdefault(each.name, []).append((entry.parameters, bits))

    def estimated(entry: Entry, quantization: Quantization) -> Quantization:
        _, bits = min(
            known.get(quantization.name, []),
            key=lambda each: abs(each[0] - entry.parameters),
            default=(entry.parameters, _USUAL_BITS),
        )
        guess = round(entry.parameters * bits * _BYTES_AT_ONE_BIT)
        return replace(quantization, estimated_bytes=quantization.bytes or guess)

    return {
        name: replace(
            entry, quantizations=tuple(estimated(entry, each) for each in entry.quantizations)
        )
        for name, entry in entries.items()
    }


def is_repository(name: str) -> bool:
    """Whether this is OWNER/NAME."""
    return _REPOSITORY.fullmatch(name) is not None


def is_inside(path: str) -> bool:
    """Whether a file's path stays in the folder it is put under."""
    parts = path.split("/")
    return "\\" not in path and ":" not in path and not {"", ".", ".."} & set(parts)


def shipped_file() -> Path:
    """Where our own models.toml is: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / FILE_NAME
    return installed if installed.is_file() else package.with_name(FILE_NAME)


def _plain(name: str) -> str:
    return split_spec(name)[0].lower().removeprefix("qwen3-").removeprefix("qwen3")


def _read(path: Path) -> dict[str, Entry]:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = _TOML_LINE.search(str(problem))
        where = f"{path}:{line.group(1)}" if line else str(path)
        raise _bad(where, str(problem)) from None
    unknown = set(document) - {"model"}
    if unknown:
        raise _bad(str(path), f"unknown section {min(unknown)}; models are [[model]] entries")
    entries = {}
    for index, table in enumerate(document.get("model", [])):
        place = _Place(path, text, index)
        entry = _entry(table, place)
        entries[_plain(entry.name)] = entry
    return entries


class _Place:
    """Where in the file an entry stands, to name the line of a field."""

    def __init__(self, path: Path, text: str, index: int) -> None:
        starts = [match.start() for match in _HEADER.finditer(text)] + [len(text)]
        self._path = path
        self._text = text
        self._start = starts[min(index, len(starts) - 2)] if len(starts) > 1 else 0
        self._end = starts[min(index + 1, len(starts) - 1)]

    def problem(self, reason: str, mark: str = "") -> UsageProblem:
        """The error, at the line of the entry where `mark` stands, or else at its first line."""
        at = self._text.find(mark, self._start, self._end) if mark else -1
        line = self._text.count("\n", 0, max(at, self._start)) + 1
        return _bad(f"{self._path}:{line}", reason)

    def check(self, table: object, allowed: Mapping[str, type], required: set[str]) -> None:
        """Whether a table has what it must and nothing it may not."""
        if not isinstance(table, dict):
            raise self.problem("an entry must be a table")
        for name, value in table.items():
            if name not in allowed:
                near = difflib.get_close_matches(name, allowed, n=1)
                raise self.problem(
                    f"unknown field {name}" + (f", perhaps {near[0]}?" if near else ""), name
                )
            if not isinstance(value, allowed[name]) or isinstance(value, bool):
                raise self.problem(f"{name} must be {_KIND[allowed[name]]}", name)
            if isinstance(value, int) and value <= 0:
                raise self.problem(f"{name} must be above zero", name)
            holds, reason = _TEXTS.get(name, (None, ""))
            if holds is not None and not holds(str(value)):
                raise self.problem(f"{name} {reason}", str(value))
        missing = required - set(table)
        if missing:
            raise self.problem(f"{min(missing)} is missing", str(table.get("path", "")))


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


# What some texts must be, and what is said if they are not. They become names of files and parts of addresses.
_TEXTS: dict[str, tuple[Callable[[str], bool], str]] = {
    "name": (_is_word, "may have letters, digits, dots, dashes and _ only"),
    "quant": (_is_word, "may have letters, digits, dots, dashes and _ only"),
    "path": (is_inside, "must stay in the folder of its model"),
    "repository": (is_repository, "must be OWNER/NAME"),
    "revision": (_is_word, "must be a commit, a branch or a tag"),
    "sha256": (
        lambda text: bool(_SHA256.fullmatch(text)),
        "must be 64 hexadecimal digits in lower case",
    ),
}
_KIND = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}


def _entry(table: dict[str, Any], place: _Place) -> Entry:
    place.check(table, _REQUIRED | _OPTIONAL, set(_REQUIRED))
    if table["thinking"] not in _THINKING:
        raise place.problem(f"thinking must be one of {', '.join(_THINKING)}", "thinking")
    for mode in ("sampling_thinking", "sampling_direct"):
        if set(table.get(mode, _SAMPLING_FIELDS)) != _SAMPLING_FIELDS:
            raise place.problem(f"{mode} needs {', '.join(sorted(_SAMPLING_FIELDS))}", mode)
        for name, value in table.get(mode, {}).items():
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise place.problem(f"{mode}: {name} must be a number", mode)
    quantizations = tuple(_quantization(each, table, place) for each in table["files"])
    if table["default"] not in [each.name for each in quantizations]:
        raise place.problem(f"default {table['default']} is not among the files", "default")
    fields = {name: table[name] for name in _REQUIRED if name not in _NOT_OF_ENTRY}
    return Entry(
        **fields | {"name": table["name"].lower()},
        active_parameters=table.get("active_parameters", table["parameters"]),
        experts=table.get("experts", 0),
        experts_used=table.get("experts_used", 0),
        file_context=table.get("file_context", table["native_context"]),
        extended_context=table.get("extended_context"),
        sampling_thinking=table.get("sampling_thinking"),
        sampling_direct=table.get("sampling_direct"),
        quantizations=quantizations,
    )


_NOT_OF_ENTRY = ("repository", "revision", "files")


def _quantization(file: Any, table: dict[str, Any], place: _Place) -> Quantization:
    place.check(file, _FILE_FIELDS, {"quant", "path"})
    for part in file.get("parts", []):
        place.check(part, _PART_FIELDS, {"path"})
    if file.get("parts"):
        parts = tuple(_part(each) for each in file["parts"])
    else:
        parts = () if "*" in file["path"] else (_part(file),)
    return Quantization(
        name=file["quant"].lower(),
        repository=file.get("repository", table["repository"]),
        revision=file.get("revision", table["revision"]),
        pattern=file["path"],
        bytes=file.get("bytes"),
        parts=parts,
    )


def _part(table: dict[str, Any]) -> Part:
    return Part(table["path"], table.get("bytes"), table.get("sha256"))


def _bad(where: str, reason: str) -> UsageProblem:
    return UsageProblem(f"{where}: {reason}", "correct that line, or move the file away")
