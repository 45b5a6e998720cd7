"""Model files on this disk: which of them are here and whole, and where.

A file counts as present once its digest was checked, here, by us (`records`). Files live in the hub's own cache (`cache`).
Files that other tools brought (`other_tools`) are used where they are, once their digest was checked too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.errors import DigestMismatch, DownloadFailed
from qwen3cli.base.paths import data_folder
from qwen3cli.models.cache import cache_folder, repository_folder, snapshots
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.digests import Progress, file_sha256
from qwen3cli.models.disk import folder_errors
from qwen3cli.models.leftovers import Leftover, leftovers
from qwen3cli.models.other_tools import OtherTools
from qwen3cli.models.records import Record, Records
from qwen3cli.models.split import parts_of


@dataclass(frozen=True, slots=True)
class Removed:
    """What removing a model did: the bytes it freed, and the files that stay, since they are another tool's or in another
    cache."""

    freed_bytes: int
    kept: tuple[Path, ...]


class Store:
    """The records and the places where files may be."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.records = Records(data_folder(variables) / "files")
        self.cache = cache_folder(variables)
        self._others = OtherTools(variables)

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
                    return f"the file {location} has changed, or the catalogue has"
                if location.is_symlink():
                    return f"the link {location} leads nowhere"
                return f"it is gone from {location}"
        return ""

    def adopt(self, quantization: Quantization, progress: Progress) -> Path | None:
        """Look for a model that other tools have brought, check it, and record it. Returns what `find` then does."""
        for files in self._others.places(quantization):
            if all(self._prove(quantization, *each, progress) for each in files):
                return files[0][1]
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
            location = self._location(record)
            if record.is_brought or not location.is_relative_to(self.cache):
                kept.append(location)
            else:
                freed += self._free(record, location)
            self.records.forget(quantization, part.path)
        return Removed(freed, tuple(each for each in kept if each.exists()))

    def _free(self, record: Record, location: Path) -> int:
        """Remove a file of the cache and every link to it: none may be left that leads nowhere. What a link leads to outside
        of the cache is nobody's but the user's."""
        blob = location.resolve()
        is_inside = blob.is_relative_to(self.cache.resolve())
        size = blob.stat().st_size if is_inside and blob.is_file() else 0
        with folder_errors(self.cache, "its owner can remove them"):
            for folder in snapshots(self.cache, record.repository, record.revision):
                if (folder / record.path).resolve() == blob:
                    (folder / record.path).unlink()
            if is_inside:
                blob.unlink(missing_ok=True)
        return size

    def _now(self, record: Record) -> tuple[Record, Record]:
        """Where a file may be: at its place in this cache, wherever that was then, or where it was checked."""
        return record.moved_to(self.cache), record

    def _location(self, record: Record) -> Path:
        places = [Path(each.location) for each in self._now(record)]
        return next((place for place in places if place.exists()), places[-1])

    def _prove(
        self, quantization: Quantization, part: Part, place: Path, progress: Progress
    ) -> bool:
        """Check the digest of a file that another tool brought, and record it."""
        known = self.record(quantization, part)
        if known is not None and known.location == str(place):
            return True
        digest = self._others.digest(quantization, part, place)
        if digest is None or file_sha256(place, progress) != digest:
            return False
        before = self.records.find(quantization, part.path)
        was_ours = before is not None and before.sha256 == digest and not before.is_brought
        self.records.add(quantization, part.path, place, digest, is_brought=not was_ours)
        return True


def _belongs(record: Record, quantization: Quantization) -> bool:
    return (
        record.repository == quantization.repository
        and record.revision == quantization.revision
        and quantization.holds(record.path)
    )
