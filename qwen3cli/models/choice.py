"""Which model file `--size` means.

demo                 the one that is part of the package
path/to/file.gguf    that file
8b, 8b:q4_k_m        a catalogue entry, if it is on this disk
hf:OWNER/REPO/FILE   any file of the hub, if it is on this disk
"""

from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.demo import model_path
from qwen3cli.dialogue.sampling import DEMO, FOREIGN, QWEN3, SamplingDefaults
from qwen3cli.models.catalogue import (
    Catalogue,
    Entry,
    Part,
    Quantization,
    is_inside,
    is_repository,
    split_spec,
)
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.gguf import SPLIT_NAME, first_part, parts_of
from qwen3cli.models.missing import missing_file
from qwen3cli.models.store import Store

DEMO_NAME = "demo"
_HUB_PREFIX = "hf:"


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

    def sampling_defaults(self, architecture: str) -> SamplingDefaults:
        """What to sample with when nobody says otherwise."""
        kind = QWEN3 if architecture.startswith("qwen3") else FOREIGN
        return kind.changed(self.sampling)


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model that can be fetched. `entry` None: a file of the hub that the catalogue does not know."""

    spec: str
    entry: Entry | None
    quantization: Quantization

    @property
    def is_exact(self) -> bool:
        """Whether the file itself was named, and not only the model."""
        return self.entry is None or split_spec(self.spec)[1] is not None

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
    if spec == DEMO_NAME:
        return demo()
    if is_path(spec):
        return _by_path(spec, variables)
    try:
        ref = resolve(spec, read_catalogue(variables), Store(variables))
    except ModelNotFound:
        if _is_there(spec):  # a folder, which must not stand in for a size of its name
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
    if spec.startswith(_HUB_PREFIX):
        return ModelRef(spec, None, _hub_file(spec))
    name, quant = split_spec(spec)
    entry = catalogue.find(name)
    quantization = entry.quantization(quant)
    if quant is None and store.find(quantization) is None:
        here = [each for each in entry.quantizations if store.find(each) is not None]
        quantization = max(here, key=lambda each: each.bytes or 0, default=quantization)
    return ModelRef(spec, entry, quantization)


def demo() -> Choice:
    """The embedded demo model."""
    return Choice(DEMO_NAME, model_path(), DEMO_NAME, DEMO)


def is_path(spec: str) -> bool:
    """Whether a spec is a file's path and no name."""
    if spec.startswith(_HUB_PREFIX):
        return False
    return spec.endswith(".gguf") or "/" in spec or (_is_there(spec) and not Path(spec).is_dir())


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


def _hub_file(spec: str) -> Quantization:
    owner, _, rest = spec.removeprefix(_HUB_PREFIX).partition("/")
    repository, _, path = rest.partition("/")
    named = is_repository(f"{owner}/{repository}") and is_inside(path)
    if not (named and path.endswith(".gguf")):
        raise UsageProblem(
            f"{spec} names no file",
            "hf:OWNER/REPO/FILE.gguf, for example hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q5_0.gguf",
        )
    split = SPLIT_NAME.search(path)
    pattern = f"{escape(path[: split.start()])}-*-of-{split.group(2)}.gguf" if split else path
    parts = () if split else (Part(path, None, None),)
    return Quantization(path, f"{owner}/{repository}", "main", pattern, None, parts)
