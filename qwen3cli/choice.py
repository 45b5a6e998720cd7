"""Which model file `--size` means.

demo                 the one that is part of the package
path/to/file.gguf    that file
8b, 8b:q4_k_m        a catalogue entry, if it is on this disk
hf:OWNER/REPO/FILE   any file of the hub, if it is on this disk
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.catalogue import Catalogue, read_catalogue, split_spec
from qwen3cli.demo import model_path
from qwen3cli.errors import ModelNotFound
from qwen3cli.sampling import DEMO, FOREIGN, QWEN3, SamplingDefaults

DEMO_NAME = "demo"


@dataclass(frozen=True, slots=True)
class Choice:
    """A model file and what is known of it from outside. `sampling` None: ask the file."""

    spec: str
    path: Path
    title: str
    sampling: SamplingDefaults | None = None

    def sampling_defaults(self, architecture: str) -> SamplingDefaults:
        """What to sample with when nobody says otherwise."""
        if self.sampling is not None:
            return self.sampling
        return QWEN3 if architecture.startswith("qwen3") else FOREIGN


def choose(spec: str, variables: Mapping[str, str]) -> Choice:
    """Find the file that `spec` means.

    Raises:
        ModelNotFound: no such model, or no such file, or it is not on this disk.
    """
    if spec == DEMO_NAME:
        return demo()
    if spec.endswith(".gguf") or "/" in spec or Path(spec).exists():
        return _by_path(Path(spec).expanduser())
    return _from_catalogue(spec, read_catalogue(variables))


def demo() -> Choice:
    """The embedded demo model."""
    return Choice(DEMO_NAME, model_path(), DEMO_NAME, DEMO)


def _by_path(path: Path) -> Choice:
    if not path.exists():
        raise ModelNotFound(f"no such file: {path}", "qwen3 models lists the models on this disk")
    return Choice(str(path), path.resolve(), path.stem)


def _from_catalogue(spec: str, catalogue: Catalogue) -> Choice:
    name, quant = split_spec(spec)
    entry = catalogue.find(name)
    quantization = entry.quantization(quant)
    raise ModelNotFound(
        f"{entry.title} in {quantization.name} is not on this disk",
        f"qwen3 pull {entry.name}:{quantization.name}",
    )
