"""Which model file `--size` means: the one that is part of the package, a file by its path, or one on this disk by any
of its names (`names`)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from qwen3cli.base.errors import ModelNotFound
from qwen3cli.demo import model_path
from qwen3cli.dialogue.sampling import DEMO, FOREIGN, QWEN3, SamplingDefaults
from qwen3cli.models.catalogue import Catalogue, Entry, Part, Quantization
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.missing import missing_file
from qwen3cli.models.names import HubFile, is_name, read_name
from qwen3cli.models.split import SPLIT_NAME, first_part, parts_of
from qwen3cli.models.store import Store

DEMO_NAME = "demo"


@dataclass(frozen=True, slots=True)
class Choice:
    """A model file and what is known of it from outside. `sampling` is what it is sampled with other than its kind.
    `extended_context_tokens` can be had by YaRN, from `native_context_tokens`; None: no more than the file says."""

    spec: str
    path: Path
    title: str
    sampling: SamplingDefaults = SamplingDefaults()
    native_context_tokens: int | None = None
    extended_context_tokens: int | None = None
    is_proved: bool = False  # by a digest that is ours or the catalogue's

    def sampling_defaults(self, architecture: str) -> SamplingDefaults:
        """What to sample with when nobody says otherwise."""
        kind = QWEN3 if architecture.startswith("qwen3") else FOREIGN
        return kind.changed(self.sampling)


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model that can be fetched. `entry` None: a file of the hub that the catalogue does not know. `is_exact`: the file
    itself was named, and not only the model."""

    spec: str
    entry: Entry | None
    quantization: Quantization
    is_exact: bool

    @property
    def name(self) -> str:
        """As it is typed behind `--size`."""
        return f"{self.entry.name}:{self.quantization.name}" if self.entry else self.spec

    def at(self, path: Path) -> Choice:
        """The choice, once the file is there."""
        entry = self.entry
        if entry is None:
            return Choice(self.spec, path, path.stem)
        return Choice(
            self.spec,
            path,
            f"{entry.title} {self.quantization.name}",
            entry.sampling,
            entry.native_context,
            entry.extended_context,
            is_proved=all(part.sha256 for part in self.quantization.parts)
            and bool(self.quantization.parts),
        )


class NotOnDisk(ModelNotFound):
    """The model exists, and is not on this disk. `why` is what became of it, if it was here once."""

    def __init__(self, ref: ModelRef, why: str = "") -> None:
        reason = f": {why}" if why else ""
        super().__init__(f"{ref.name} is not on this disk{reason}", f"qwen3 pull {ref.name}")
        self.ref, self.why = ref, why


def choose(spec: str, variables: Mapping[str, str]) -> Choice:
    """Find the file that `spec` means.

    Raises:
        NotOnDisk: it is a model that can be fetched.
        ModelNotFound: no such model, or no such file.
    """
    if is_demo(spec):
        return demo()
    if is_path(spec):
        return _by_path(spec, variables)
    try:
        ref = resolve(spec, read_catalogue(variables), Store(variables))
    except ModelNotFound:
        # a folder, which must not stand in for a size of its name; or a file that is gone
        if _is_there(spec) or spec.lower().endswith(".gguf"):
            return _by_path(spec, variables)
        raise
    store = Store(variables)
    found = store.find(ref.quantization)
    if found is None:
        raise NotOnDisk(ref, store.why_missing(ref.quantization))
    return ref.at(found)


def resolve(spec: str, catalogue: Catalogue, store: Store) -> ModelRef:
    """The model and quantization a spec names. Without a quantization: the default one, or one that is on this disk.

    Raises:
        ModelNotFound: names the nearest ones.
    """
    named = read_name(spec, catalogue)
    if isinstance(named, HubFile):
        return ModelRef(str(named), None, _on_main(named), is_exact=True)
    entry, quantization = named.entry, named.quantization
    if quantization is not None:
        return ModelRef(spec, entry, quantization, is_exact=True)
    quantization = entry.quantization(None)
    if store.find(quantization) is None:
        here = [each for each in entry.quantizations if store.find(each) is not None]
        quantization = max(here, key=lambda each: each.bytes or 0, default=quantization)
    return ModelRef(spec, entry, quantization, is_exact=False)


def demo() -> Choice:
    """The embedded demo model."""
    return Choice(DEMO_NAME, model_path(), DEMO_NAME, DEMO, is_proved=True)


def is_path(spec: str) -> bool:
    """Whether a spec is a file's path and no name."""
    return not is_name(spec) or (os.path.lexists(spec) and not Path(spec).is_dir())


def is_demo(spec: str) -> bool:
    """Whether a spec means the embedded model."""
    return spec.strip().lower() == DEMO_NAME


def _is_there(spec: str) -> bool:
    try:
        return Path(spec).exists()
    except (OSError, ValueError):  # no name that a system takes
        return False


def _by_path(spec: str, variables: Mapping[str, str]) -> Choice:
    try:
        path = Path(spec).expanduser()
    except RuntimeError:
        raise ModelNotFound(f"no such file: {spec}", "there is no user of that name") from None
    parts = parts_of(first_part(path)) if _is_there(str(path)) else [path]
    for part in parts:
        if not _is_there(str(part)):
            raise missing_file(part, read_catalogue(variables), variables)
    return Choice(str(path), parts[0], path.stem)


def _on_main(file: HubFile) -> Quantization:
    path = file.path
    split = SPLIT_NAME.search(path)
    pattern = f"{escape(path[: split.start()])}-*-of-{split.group(2)}.gguf" if split else path
    parts = () if split else (Part(path, None, None),)
    return Quantization(path, file.repository, "main", pattern, None, parts)
