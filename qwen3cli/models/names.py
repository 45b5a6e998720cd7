"""What people type for a model, and the one thing it means.

    8b, qwen3-8b, Qwen3-8B-GGUF                    a model of the catalogue
    8b:q4_k_m, qwen3-8b-q4_k_m, 8b@q4_k_m          one of its quantizations
    Qwen3-8B-Q4_K_M.gguf                           the same, by its file's name
    qwen3:8b, qwen3:8b-q4_K_M, qwen3:latest        as ollama's tags
    Qwen/Qwen3-8B                                  as the publisher's name of the model
    Qwen/Qwen3-8B-GGUF:Q4_K_M, hf.co/Qwen/...      as a repository's files, in the form of llama.cpp and ollama
    hf:OWNER/REPO/FILE, or its address             any file of the hub

Capitals make no difference. Where a name has two meanings none is taken, and both are told. Knows no disk and no network.
"""

import difflib
import re
from dataclasses import dataclass

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.models.catalogue import Catalogue, Entry, Quantization, is_inside, is_repository

_ON_HUB = re.compile(r"(?:hf:|(?:https?://)?(?:www\.)?(?:hf\.co|huggingface\.co)/)", re.IGNORECASE)
_REPOSITORY = re.compile(r"([\w.-]+/[\w.-]+?)(?:[:@]([\w.-]+))?/?")
_ADDRESS = "://"
_ADDRESS_OF_REPOSITORY = re.compile(r"/tree/main/?$")
_ADDRESS_OF_FILE = re.compile(r"(?:blob|resolve)/main/([^?]+)(?:\?.*)?")
_FILE_TYPE = ".gguf"
_FAMILY = re.compile(r"qwen[-_ ]?3([-_: ])")
_FILE_END = re.compile(r"(?:-\d{5}-of-\d{5})?\.gguf$")
_QUANTIZATION = re.compile(r"(?:ud-)?(?:i?q[1-8]|tq[12]|b?f16|fp16|f32|mxfp4)(?:[_-].+)?")
_PUBLISHER = "qwen"
_OLLAMA_LATEST = "8b"  # what ollama's `qwen3:latest` has been since the family came out


@dataclass(frozen=True, slots=True)
class Named:
    """A model of the catalogue, and the quantization if one was named."""

    entry: Entry
    quantization: Quantization | None = None

    def __str__(self) -> str:
        """As it is typed behind `--size`."""
        return self.entry.name + (f":{self.quantization.name}" if self.quantization else "")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of the hub, in `OWNER/REPO`."""

    repository: str
    path: str

    def __str__(self) -> str:
        """As it is typed behind `--size`."""
        return f"hf:{self.repository}/{self.path}"


def is_name(spec: str) -> bool:
    """Whether this has the form of a name; else it can only be a path."""
    if _ON_HUB.match(spec) or _ADDRESS in spec:
        return True
    if "/" in spec:
        is_repository_like = _REPOSITORY.fullmatch(spec) and not spec.startswith(".")
        return bool(is_repository_like) and not spec.lower().endswith(_FILE_TYPE)
    return "\\" not in spec and not spec.startswith("~")


def read_name(spec: str, catalogue: Catalogue) -> Named | HubFile:
    """The one thing that a name means.

    Raises:
        ModelNotFound: it means nothing, or two things; names what is nearest.
        UsageProblem: it names a place on the hub, and no file there.
    """
    text = spec.strip()
    hub = _ON_HUB.match(text)
    if hub:
        text = _ADDRESS_OF_REPOSITORY.sub("", text[hub.end() :])
    repository = _REPOSITORY.fullmatch(text)
    if repository and not text.lower().endswith(_FILE_TYPE):
        return _of_repository(repository.group(1), repository.group(2), catalogue)
    if hub or _ADDRESS in text:
        return _hub_file(text, spec)
    return find_model(text, catalogue)


def find_model(text: str, catalogue: Catalogue) -> Named:
    """The model, and the quantization if there is one, that a name without a slash means.

    Raises:
        ModelNotFound: it means none, or two; names what is nearest.
    """
    name = _FILE_END.sub("", text.lower())
    if name in catalogue:
        return Named(catalogue[name])
    family = _FAMILY.match(name)
    is_tag = family is not None and family.group(1) == ":"
    name = name[family.end() :] if family else name
    if is_tag and name == "latest":
        name = _OLLAMA_LATEST
    model, _, quantization = name.replace("@", ":").partition(":")
    model = model.removesuffix("-gguf")
    if model not in catalogue and not quantization:
        model, quantization = _glued(model, catalogue)
    if model not in catalogue:
        raise ModelNotFound(f"no model is called {text}", _nearest(model, catalogue))
    entry = catalogue[model]
    if quantization not in ("", "latest"):
        return Named(entry, entry.quantization(quantization))
    if is_tag:
        _check_tag(text, entry, catalogue)
    return Named(entry)


def _glued(name: str, catalogue: Catalogue) -> tuple[str, str]:
    """`8b-q4_k_m` as (`8b`, `q4_k_m`). What follows must have the form of a quantization: a 2507 release is no `4b`."""
    for model in sorted((each.name for each in catalogue), key=len, reverse=True):
        rest = name.removeprefix(model)
        if rest != name and rest[:1] in "-_" and _QUANTIZATION.fullmatch(rest[1:]):
            return model, rest[1:]
    return name, ""


def _check_tag(text: str, entry: Entry, catalogue: Catalogue) -> None:
    """In 2025 ollama moved the tags of some sizes from the hybrids to the 2507 releases."""
    later = [
        f"--size {each.name}"
        for each in catalogue
        if each.name.startswith(f"{entry.name}-") and each.thinking != entry.thinking
    ]
    if later:
        raise ModelNotFound(
            f"{text} has two meanings: {entry.title}, and in ollama a later release",
            f"--size {entry.name}; or {', '.join(later)}",
        )


def _of_repository(repository: str, quantization: str | None, catalogue: Catalogue) -> Named:
    """The publisher's name of a model means the model. The name of a repository with GGUF files means these, and never
    another publisher's."""
    owner, _, name = repository.lower().partition("/")
    tag = f":{quantization}" if quantization else ""
    files = [
        Named(entry, each)
        for entry in catalogue
        for each in entry.quantizations
        if each.repository.lower() == f"{owner}/{name}"
    ]
    if not files and owner == _PUBLISHER and not name.endswith("-gguf"):
        return find_model(name + tag, catalogue)
    for each in files:
        if _is_meant(each, quantization):
            return each if quantization else Named(each.entry)
    known = ", ".join(map(str, files)) or _elsewhere(name + tag, catalogue)
    raise ModelNotFound(
        f"no model or file is called {repository}{tag}",
        (f"the catalogue has {known}; " if known else "")
        + f"any file of the hub is hf:{repository}/FILE.gguf",
    )


def _elsewhere(name: str, catalogue: Catalogue) -> str:
    """The same model by the publisher whose files the catalogue has."""
    try:
        return str(find_model(name, catalogue))
    except ModelNotFound:
        return ""


def _is_meant(file: Named, quantization: str | None) -> bool:
    """Whether it is the file of that quantization or, where none is named, the model's default one."""
    assert file.quantization is not None
    if quantization is None:
        return file.quantization == file.entry.quantization(None)
    # `q6_k-unsloth` is unsloth's q6_k
    return file.quantization.name.partition("-")[0] == quantization.lower()


def _hub_file(text: str, spec: str) -> HubFile:
    owner, _, rest = text.partition("/")
    repository, _, path = rest.partition("/")
    if address := _ADDRESS_OF_FILE.fullmatch(path):
        path = address.group(1)
    named = is_repository(f"{owner}/{repository}") and is_inside(path)
    if not (named and path.lower().endswith(_FILE_TYPE)):
        raise UsageProblem(
            f"{spec} names no file",
            "hf:OWNER/REPO/FILE.gguf, for example hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q5_0.gguf",
        )
    return HubFile(f"{owner}/{repository}", path)


def _nearest(model: str, catalogue: Catalogue) -> str:
    """The names that are nearest: those of the same size, or else of sizes spelled much like it."""
    names = {name: name.partition("-")[0] for name in (*(each.name for each in catalogue), "demo")}
    size = model.partition("-")[0]
    sizes = (
        [size]
        if size in names.values()
        else difflib.get_close_matches(size, names.values(), cutoff=0.5)
    )
    near = difflib.get_close_matches(
        model, [name for name in names if names[name] in sizes], cutoff=0
    )
    if near:
        return f"did you mean {' or '.join(near)}? qwen3 models lists them all"
    hybrids = [each.name for each in catalogue if each.thinking == "hybrid"]
    return f"the sizes are {', '.join(hybrids)}; and demo, which needs no download"
