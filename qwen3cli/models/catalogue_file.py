"""`models.toml`: what an entry may say, and reading it.

Every entry is checked when it is read, against the tables below, and a bad one is refused with its file and line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import config_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.toml_file import TomlFile
from qwen3cli.dialogue.sampling import SETTINGS, SamplingDefaults
from qwen3cli.models.catalogue import (
    Catalogue,
    Entry,
    Part,
    Quantization,
    is_inside,
    is_repository,
)
from qwen3cli.models.estimates import with_estimates

FILE_NAME = "models.toml"
_HEADER = re.compile(r"^[ \t]*\[\[\s*model\s*\]\]", re.MULTILINE)


def read_catalogue(variables: Mapping[str, str]) -> Catalogue:
    """Ours, with the user's own entries over them.

    Raises:
        UsageProblem: an entry is wrong; says where and why.
    """
    entries = _read(shipped_file())
    own = config_folder(variables) / FILE_NAME
    if own.is_file():
        entries |= _read(own)
    return Catalogue(with_estimates(entries))


def shipped_names() -> frozenset[str]:
    """The names of the models in our own models.toml, without the user's."""
    return frozenset(_read(shipped_file()))


def shipped_file() -> Path:
    """Where our own models.toml is: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / FILE_NAME
    return installed if installed.is_file() else package.with_name(FILE_NAME)


# ---- what an entry may say; the header of models.toml explains each field --------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """What a field must be: its type, a rule with what is said where it does not hold, and whether it may be missing."""

    type: type
    rule: tuple[Callable[[Any], bool], str] | None = None
    optional: bool = False
    default: Any = None


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_KINDS = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}
_THINKING = ("hybrid", "always", "never")

# These become names of files and parts of addresses.
_NAME = (_matches(r"\w[\w.-]*"), "may have letters, digits, dots, dashes and _ only")
_PATH = (is_inside, "must stay in the folder of its model")
_SHA256 = (_matches("[0-9a-f]{64}"), "must be 64 hexadecimal digits in lower case")
_REPOSITORY = (is_repository, "must be OWNER/NAME")
_REVISION = (_matches(r"\w[\w.-]*"), "must be a commit, a branch or a tag")
_MODES = (_matches("|".join(_THINKING)), f"must be one of {', '.join(_THINKING)}")

_ENTRY = {
    "name": Field(str, _NAME),
    "title": Field(str),
    "thinking": Field(str, _MODES),
    "license": Field(str),
    "parameters": Field(int),
    "active_parameters": Field(int, optional=True),
    "layers": Field(int),
    "width": Field(int),
    "heads": Field(int),
    "kv_heads": Field(int),
    "head_size": Field(int),
    "feed_forward": Field(int),
    "experts": Field(int, optional=True, default=0),
    "experts_used": Field(int, optional=True, default=0),
    "native_context": Field(int),
    "file_context": Field(int, optional=True),
    "extended_context": Field(int, optional=True),
    "default": Field(str),
    "repository": Field(str, _REPOSITORY),
    "revision": Field(str, _REVISION),
    "sampling_thinking": Field(dict, optional=True),
    "sampling_direct": Field(dict, optional=True),
    "files": Field(list),
}
_FILE = {
    "quant": Field(str, _NAME),
    "path": Field(str, _PATH),
    "bytes": Field(int, optional=True),
    "sha256": Field(str, _SHA256, optional=True),
    "parts": Field(list, optional=True),
    "repository": Field(str, _REPOSITORY, optional=True),
    "revision": Field(str, _REVISION, optional=True),
}
_PART = {
    "path": Field(str, _PATH),
    "bytes": Field(int, optional=True),
    "sha256": Field(str, _SHA256, optional=True),
}


# ---- reading ---------------------------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Entry]:
    file = TomlFile(path)
    unknown = set(file.document) - {"model"}
    if unknown:
        raise file.problem(f"unknown section {min(unknown)}; models are [[model]] entries")
    tables = file.document.get("model", [])
    if not isinstance(tables, list):
        raise file.problem("models are [[model]] entries")
    entries = [_entry(table, _Place(file, index)) for index, table in enumerate(tables)]
    return {each.name: each for each in entries}


class _Place:
    """Where in the file an entry stands, to name the line of what is wrong in it."""

    def __init__(self, file: TomlFile, index: int) -> None:
        starts = [match.start() for match in _HEADER.finditer(file.text)]
        self._file = file
        self._start = starts[index] if index < len(starts) else 0
        self._end = starts[index + 1] if index + 1 < len(starts) else len(file.text)

    def problem(self, reason: str, mark: str = "") -> UsageProblem:
        """The error, at the line of the entry where `mark` stands, or else at its first line."""
        found = self._file.text.find(mark, self._start, self._end) if mark else -1
        return self._file.problem(reason, max(found, self._start))

    def check(self, table: Any, known: Mapping[str, Field]) -> None:
        """Whether a table has what it must and nothing it may not."""
        if not isinstance(table, dict):
            raise self.problem("an entry must be a table")
        for name, value in table.items():
            if name not in known:
                raise self.problem(f"unknown field {name}{did_you_mean(name, known)}", name)
            self._check_value(name, value, known[name])
        missing = [
            name for name, field in known.items() if not field.optional and name not in table
        ]
        if missing:
            raise self.problem(f"{missing[0]} is missing", str(table.get("path", "")))

    def _check_value(self, name: str, value: Any, field: Field) -> None:
        if not isinstance(value, field.type) or isinstance(value, bool):
            raise self.problem(f"{name} must be {_KINDS[field.type]}", name)
        if isinstance(value, int) and value <= 0:
            raise self.problem(f"{name} must be above zero", name)
        if field.rule is not None and not field.rule[0](value):
            raise self.problem(f"{name} {field.rule[1]}", str(value) or name)

    def sampling(self, table: dict[str, Any], mode: str) -> dict[str, float]:
        """The settings that an entry names for one mode, each in its range."""
        settings = {each.name: each for each in SETTINGS}
        values = {}
        for name, value in table.get(mode, {}).items():
            if name not in settings:
                raise self.problem(
                    f"{mode}: no setting is called {name}{did_you_mean(name, settings)}", mode
                )
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise self.problem(f"{mode}: {name} takes {settings[name].range}", mode)
            try:
                values[name] = settings[name].checked(value)
            except UsageProblem as problem:
                raise self.problem(f"{mode}: {problem.message}", mode) from None
        return values


def _entry(table: dict[str, Any], place: _Place) -> Entry:
    place.check(table, _ENTRY)
    quantizations = tuple(_quantization(each, table, place) for each in table["files"])
    if table["default"].lower() not in [each.name for each in quantizations]:
        raise place.problem(f"default {table['default']} is not among the files", "default")
    as_written = {
        each.name: table.get(each.name, _ENTRY[each.name].default)
        for each in fields(Entry)
        if each.name in _ENTRY
    }
    read = {
        "name": table["name"].lower(),
        "default": table["default"].lower(),
        "active_parameters": table.get("active_parameters", table["parameters"]),
        "file_context": table.get("file_context", table["native_context"]),
        "sampling": SamplingDefaults(
            place.sampling(table, "sampling_thinking"), place.sampling(table, "sampling_direct")
        ),
        "quantizations": quantizations,
    }
    return Entry(**as_written | read)


def _quantization(file: Any, table: dict[str, Any], place: _Place) -> Quantization:
    place.check(file, _FILE)
    for part in file.get("parts", []):
        place.check(part, _PART)
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
