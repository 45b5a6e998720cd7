"""Model files on this disk: which of them are here and whole, and where.

A file counts as present once its digest was checked, here, by us (`records`). Files live in the hub's own cache (`cache`).
Files that other tools brought, into that cache or a folder of their own, are used where they are, if their digest is
one that the catalogue or the cache knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from qwen3cli.base.errors import DigestMismatch, DownloadFailed
from qwen3cli.base.paths import data_folder, home
from qwen3cli.models.cache import (
    cache_folder,
    commit_of,
    repository_folder,
    snapshots,
)
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.digests import DIGEST_LENGTH, Progress, file_sha256
from qwen3cli.models.disk import folder_errors
from qwen3cli.models.gguf import parts_of
from qwen3cli.models.leftovers import Leftover, leftovers
from qwen3cli.models.records import Record, Records


@dataclass(frozen=True, slots=True)
class Removed:
    """What removing a model did: the bytes it freed, and the files that stay, since another tool brought them."""

    freed_bytes: int
    kept: tuple[Path, ...]


class Store:
    """The records and the places where files may be."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.records = Records(data_folder(variables) / "files")
        self.cache = cache_folder(variables)
        self._ollama = (
            Path(variables.get("OLLAMA_MODELS") or home(variables) / ".ollama" / "models") / "blobs"
        )
        self._lm_studio = [
            home(variables) / ".lmstudio" / "models",
            home(variables) / ".cache" / "lm-studio" / "models",
        ]

    def find(self, quantization: Quantization) -> Path | None:
        """The file to load: the first part, if every part is here and whole, beside it; else None. Reads no file."""
        found = [self.record(quantization, part) for part in self.parts(quantization)]
        here = [Path(record.location) for record in found if record is not None]
        return here[0] if here and here == parts_of(here[0]) else None

    def parts(self, quantization: Quantization) -> tuple[Part, ...]:
        """The parts as the catalogue or, for a split file it does not list, our records of a download name them."""
        if quantization.parts:
            return quantization.parts
        named = [each for each in self.records if _belongs(each, quantization)]
        return tuple(
            Part(each.path, each.bytes, each.sha256) for each in sorted(named, key=lambda r: r.path)
        )

    def record(self, quantization: Quantization, part: Part) -> Record | None:
        """The record of a part that is still as it was when it was checked."""
        record = self.records.find(quantization, part.path)
        if record is None or part.sha256 not in (None, record.sha256):
            return None
        return next((each for each in self._now(record) if each.is_unchanged), None)

    def why_missing(self, quantization: Quantization) -> str:
        """What became of a model that was here once, as the end of a sentence; empty for one that never was."""
        for part in self.parts(quantization):
            record = self.records.find(quantization, part.path)
            if record is not None and self.record(quantization, part) is None:
                location = self._location(record)
                if location.exists():
                    return f"{location} is another file than it was"
                if location.is_symlink():
                    return f"the link {location} leads nowhere"
                return f"it is gone from {location}"
        return ""

    def adopt(self, quantization: Quantization, progress: Progress) -> Path | None:
        """Look for a model that other tools have brought, check it, and record it. Returns what `find` then does."""
        for files in self._brought(quantization):
            places = [place for _, place in files]
            if not places or places != parts_of(places[0]) or not all(map(Path.is_file, places)):
                continue
            if all(self._prove(quantization, *each, progress) for each in files):
                return places[0]
        return None

    def verify(self, record: Record, progress: Progress) -> None:
        """Hash the file again.

        Raises:
            DownloadFailed: it is gone.
            DigestMismatch: it is not what it was.
        """
        location = self._location(record)
        if not location.exists():
            raise DownloadFailed(
                f"{record.path} is gone from {location}", "download it again: qwen3 pull"
            )
        actual = file_sha256(location, progress)
        if actual != record.sha256:
            raise DigestMismatch(
                f"{location} is damaged: sha256 {actual}, expected {record.sha256}",
                "remove it with qwen3 models rm, then qwen3 pull",
            )

    def knows(self, quantization: Quantization) -> bool:
        """Whether there is anything to remove: a file, whole or damaged or changed, or what came of a download."""
        recorded = (self.records.find(quantization, each.path) for each in self.parts(quantization))
        return any(recorded) or bool(self.leftovers(quantization))

    def leftovers(self, quantization: Quantization) -> list[Leftover]:
        """What downloads of a model have left beside whole files."""
        digests = set()
        for part in self.parts(quantization):
            record = self.records.find(quantization, part.path)
            digests |= {part.sha256, record.sha256 if record else None}
        folder = repository_folder(self.cache, quantization.repository).name
        return [
            each
            for each in leftovers(self.cache, folder)
            if each.blob.name in digests or (each.origin and quantization.holds(each.origin.path))
        ]

    def remove(self, quantization: Quantization) -> Removed:
        """Forget a model and free its files, but for those that other tools brought.

        Raises:
            DownloadFailed: another process is fetching it, and all of it stays; or the cache cannot be written.
        """
        freed, kept = 0, []
        for leftover in self.leftovers(quantization):
            left = leftover.remove()
            if left is None:
                raise DownloadFailed(
                    f"another process is fetching {quantization.pattern}", "stop it first"
                )
            freed += left
        for part in self.parts(quantization):
            record = self.records.find(quantization, part.path)
            if record is None:
                continue
            if record.is_brought:
                kept.append(self._location(record))
            else:
                freed += self._free(record)
            self.records.forget(quantization, part.path)
        return Removed(freed, tuple(each for each in kept if each.exists()))

    def _free(self, record: Record) -> int:
        """Remove a file of the cache and every link to it: none may be left that leads nowhere."""
        location = self._location(record)
        blob = location.resolve()
        if not (location.is_relative_to(self.cache) and blob.is_file()):
            return 0
        size = blob.stat().st_size
        with folder_errors(self.cache, "its owner can remove them"):
            for folder in snapshots(self.cache, record.repository, record.revision):
                if (folder / record.path).resolve() == blob:
                    (folder / record.path).unlink()
            blob.unlink(missing_ok=True)
        return size

    def _now(self, record: Record) -> tuple[Record, Record]:
        """Where a file may be: where it was checked, or at the same place in a cache that was moved."""
        return record, record.moved_to(self.cache)

    def _location(self, record: Record) -> Path:
        places = [Path(each.location) for each in self._now(record)]
        return next((place for place in places if place.exists()), places[0])

    def _brought(self, quantization: Quantization) -> Iterator[list[tuple[Part, Path]]]:
        """Places where other tools may have put the whole model: its parts, and their files there."""
        for folder in snapshots(self.cache, quantization.repository, quantization.revision):
            parts = quantization.parts or [
                Part(path.relative_to(folder).as_posix(), None, None)
                for path in sorted(folder.glob(quantization.pattern))
            ]
            yield [(part, folder / part.path) for part in parts]
        if not quantization.parts:
            return
        names = [Path(part.path).name for part in quantization.parts]
        for folder in self._lm_studio:
            for first in folder.glob(f"*/*/{escape(names[0])}"):
                yield [
                    (part, first.with_name(name))
                    for part, name in zip(quantization.parts, names, strict=True)
                ]
        if len(quantization.parts) == 1:
            part = quantization.parts[0]
            yield [(part, self._ollama / f"sha256-{part.sha256}")]

    def _prove(
        self, quantization: Quantization, part: Part, location: Path, progress: Progress
    ) -> bool:
        """Check a file's digest and record it, if there is a digest that it must have."""
        known = self.record(quantization, part)
        if known is not None and known.location == str(location):
            return True
        if part.bytes not in (None, location.stat().st_size):
            return False
        digest = part.sha256 or self._digest_in_cache(quantization, location)
        if digest is None or file_sha256(location, progress) != digest:
            return False
        before = self.records.find(quantization, part.path)
        is_ours = before is not None and before.sha256 == digest and not before.is_brought
        self.records.add(quantization, part.path, location, digest, is_brought=not is_ours)
        return True

    def _digest_in_cache(self, quantization: Quantization, location: Path) -> str | None:
        """The digest that the cache gives a file of this very revision: the name of its blob."""
        commit = commit_of(self.cache, quantization.repository, quantization.revision)
        folder = repository_folder(self.cache, quantization.repository) / "snapshots" / commit
        name = location.resolve().name
        return name if location.is_relative_to(folder) and len(name) == DIGEST_LENGTH else None


def _belongs(record: Record, quantization: Quantization) -> bool:
    return (
        record.repository == quantization.repository
        and record.revision == quantization.revision
        and quantization.holds(record.path)
    )
