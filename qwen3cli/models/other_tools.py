"""Models that other tools have brought: where they keep them, and which digest a file of theirs must have.

Only what has a digest is believed: one of the catalogue's, or the one that the hub's cache names a file's bytes by.
"""

from collections.abc import Iterator, Mapping
from glob import escape
from pathlib import Path

from qwen3cli.base.paths import home
from qwen3cli.models.cache import cache_folder, commit_of, repository_folder, snapshots
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.digests import parsed_digest
from qwen3cli.models.split import parts_of

Files = list[tuple[Part, Path]]


class OtherTools:
    """The hub's cache, which is everybody's, and the folders of LM Studio and Ollama."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._cache = cache_folder(variables)
        folder = home(variables)
        self._lm_studio = (folder / ".lmstudio/models", folder / ".cache/lm-studio/models")
        self._ollama = Path(variables.get("OLLAMA_MODELS") or folder / ".ollama/models") / "blobs"

    def places(self, quantization: Quantization) -> Iterator[Files]:
        """Where the whole model lies, part for part, by name and size; none of it is proved."""
        for files in self._candidates(quantization):
            places = [place for _, place in files]
            if places and places == parts_of(places[0]) and all(_seems(*each) for each in files):
                yield files

    def digest(self, quantization: Quantization, part: Part, place: Path) -> str | None:
        """The digest that a file must have: the pinned one, or the name of its bytes in the hub's cache, if it is a file
        of this very revision there."""
        if part.sha256 is not None:
            return part.sha256
        commit = commit_of(self._cache, quantization.repository, quantization.revision)
        folder = repository_folder(self._cache, quantization.repository) / "snapshots" / commit
        return parsed_digest(place.resolve().name) if place.is_relative_to(folder) else None

    def _candidates(self, quantization: Quantization) -> Iterator[Files]:
        parts = quantization.parts
        for folder in snapshots(self._cache, quantization.repository, quantization.revision):
            listed = parts or tuple(
                Part(path.relative_to(folder).as_posix(), None, None)
                for path in sorted(folder.glob(quantization.pattern))
            )
            yield [(part, folder / part.path) for part in listed]
        if not quantization.is_pinned:
            return
        for folder in self._lm_studio:
            for first in folder.glob(f"*/*/{escape(Path(parts[0].path).name)}"):
                yield [(part, first.with_name(Path(part.path).name)) for part in parts]
        if len(parts) == 1:
            yield [(parts[0], self._ollama / f"sha256-{parts[0].sha256}")]


def _seems(part: Part, place: Path) -> bool:
    return place.is_file() and part.bytes in (None, place.stat().st_size)
