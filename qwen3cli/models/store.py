"""Model files on this disk: where they are, and which of them have been proved whole.

A file counts as present once its digest was checked, here, by us; that is recorded beside our data, so that it is done
once and can be repeated without a network. Files live in the hub's own cache, which other tools share. Files that LM
Studio or Ollama brought are used where they are, if their digest is one the catalogue knows.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from qwen3cli.base.errors import DigestMismatch, DownloadFailed
from qwen3cli.base.paths import data_folder, home
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.gguf import SPLIT_NAME

_RECORD_VERSION = 1
_READ_BYTES = 1 << 22  # larger reads hash no faster
_DIGEST_LENGTH = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Record:
    """A file whose digest was checked. `changed_ns` is its time of change then: a later one voids the record."""

    repository: str
    revision: str
    path: str
    location: str
    bytes: int
    sha256: str
    changed_ns: int
    version: int = _RECORD_VERSION


class Store:
    """The records and the places where files may be."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._records = data_folder(variables) / "files"
        self.cache = cache_folder(variables)
        self._ollama = (
            Path(variables.get("OLLAMA_MODELS") or home(variables) / ".ollama" / "models") / "blobs"
        )
        self._lm_studio = [
            home(variables) / ".lmstudio" / "models",
            home(variables) / ".cache" / "lm-studio" / "models",
        ]

    def find(self, quantization: Quantization) -> Path | None:
        """The file to load: the first part, if every part is here and whole; else None. Reads no file."""
        parts = self.parts(quantization)
        found = [self.record(quantization, part) for part in parts]
        if not found or None in found or len(found) < _parts_in_all(parts[0].path):
            return None
        return Path(found[0].location)  # type: ignore[union-attr]  # None was ruled out above

    def parts(self, quantization: Quantization) -> tuple[Part, ...]:
        """The parts as the catalogue or, for a split file it does not list, our records of a download name them."""
        if quantization.parts:
            return quantization.parts
        named = [each for each in self.records() if _belongs(each, quantization)]
        return tuple(
            Part(each.path, each.bytes, each.sha256) for each in sorted(named, key=lambda r: r.path)
        )

    def record(self, quantization: Quantization, part: Part) -> Record | None:
        """The record of a part that is still as it was when it was checked."""
        record = self._read_part(quantization, part)
        if record is None or (part.sha256 is not None and record.sha256 != part.sha256):
            return None
        return record if _is_unchanged(record) else None

    def records(self) -> Iterator[Record]:
        """Everything recorded, present or not."""
        for path in sorted(self._records.glob("*.json")):
            record = self._read(path)
            if record is not None:
                yield record

    def adopt(self, quantization: Quantization, progress: Progress) -> Path | None:
        """Look for parts that other tools have brought, check them, and record them.

        Returns what `find` does. Only files whose digest is known, from the catalogue or from the name the hub's cache
        gives them, are believed.
        """
        for part in quantization.parts:
            if self.record(quantization, part) is not None:
                continue
            found = self._elsewhere(quantization, part, progress)
            if found is None:
                return None
        return self.find(quantization)

    def keep(self, quantization: Quantization, path: str, location: Path, sha256: str) -> Record:
        """Record a file whose digest was just checked.

        Raises:
            DownloadFailed: the record cannot be written.
        """
        status = location.stat()
        record = Record(
            quantization.repository,
            quantization.revision,
            path,
            str(location),
            status.st_size,
            sha256,
            status.st_mtime_ns,
        )
        target = self._record_path(quantization.repository, quantization.revision, path)
        beside = target.with_suffix(f".{os.getpid()}.partial")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
            beside.replace(target)
        except OSError as problem:
            raise DownloadFailed(
                f"cannot record the digest of {path} ({problem.strerror}: {target.parent})",
                "set XDG_DATA_HOME to a folder of your own",
            ) from problem
        return record

    def verify(self, record: Record, progress: Progress) -> None:
        """Hash the file again.

        Raises:
            DownloadFailed: it is gone.
            DigestMismatch: it is not what it was.
        """
        location = Path(record.location)
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
        return any(
            self._read_part(quantization, part) is not None or self._leftovers(quantization, part)
            for part in self.parts(quantization)
        )

    def remove(self, quantization: Quantization) -> int:
        """Forget a model and free its files, unless another tool brought them. Returns the bytes freed."""
        freed = 0
        for part in self.parts(quantization):
            record = self._read_part(quantization, part)
            leftovers = self._leftovers(quantization, part)
            if record is not None and self._is_ours(Path(record.location)):
                freed += self._free(Path(record.location))
            for path in leftovers:
                freed += path.stat().st_size
                path.unlink()
            self._record_path(quantization.repository, quantization.revision, part.path).unlink(
                missing_ok=True
            )
        return freed

    def _leftovers(self, quantization: Quantization, part: Part) -> list[Path]:
        """What downloads of a part left beside its blob: pieces, damaged files, locks."""
        record = self._read_part(quantization, part)
        digest = part.sha256 or (record.sha256 if record is not None else None)
        if digest is None:
            return []
        return sorted(blobs_folder(self.cache, quantization.repository).glob(f"{digest}.*"))

    def _is_ours(self, path: Path) -> bool:
        """Whether a path is in the cache, whatever it is a link to."""
        return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(self.cache))

    def _free(self, pointer: Path) -> int:
        """Remove a pointer of the hub's cache and the blob behind it."""
        blob = pointer.resolve()
        size = blob.stat().st_size if blob.exists() else 0
        pointer.unlink(missing_ok=True)
        if blob.is_relative_to(self.cache.resolve()):
            blob.unlink(missing_ok=True)
        return size

    def _elsewhere(
        self, quantization: Quantization, part: Part, progress: Progress
    ) -> Record | None:
        for location, digest in self._candidates(quantization, part):
            if file_sha256(location, progress) == digest:
                return self.keep(quantization, part.path, location, digest)
        return None

    def _candidates(self, quantization: Quantization, part: Part) -> Iterator[tuple[Path, str]]:
        """Files that could be this part, with the digest they must have."""
        pointer = pointer_path(
            self.cache, quantization.repository, quantization.revision, part.path
        )
        if pointer.exists():
            digest = part.sha256 or pointer.resolve().name
            if len(digest) == _DIGEST_LENGTH:
                yield pointer, digest
        if part.sha256 is None:
            return
        blob = self._ollama / f"sha256-{part.sha256}"
        if blob.exists():
            yield blob, part.sha256
        for folder in self._lm_studio:
            for path in folder.glob(f"*/*/{Path(part.path).name}"):
                if part.bytes is None or path.stat().st_size == part.bytes:
                    yield path, part.sha256

    def _record_path(self, repository: str, revision: str, path: str) -> Path:
        name = f"{repository}@{revision[:12]}@{path}".replace("/", "--")
        return self._records / f"{name}.json"

    def _read_part(self, quantization: Quantization, part: Part) -> Record | None:
        return self._read(
            self._record_path(quantization.repository, quantization.revision, part.path)
        )

    def _read(self, path: Path) -> Record | None:
        try:
            return Record(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def cache_folder(variables: Mapping[str, str]) -> Path:
    """The hub's cache: `HF_HUB_CACHE`, `HF_HOME`/hub, or the XDG cache's huggingface/hub."""
    if named := variables.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if named := variables.get("HF_HOME"):
        return Path(named).expanduser() / "hub"
    cache = variables.get("XDG_CACHE_HOME")
    return (
        (Path(cache).expanduser() if cache else home(variables) / ".cache") / "huggingface" / "hub"
    )


def repository_folder(cache: Path, repository: str) -> Path:
    """Where the hub's cache keeps a repository."""
    return cache / f"models--{repository.replace('/', '--')}"


def blobs_folder(cache: Path, repository: str) -> Path:
    """Where the hub's cache keeps the bytes of a repository's files, each under its digest."""
    return repository_folder(cache, repository) / "blobs"


def pointer_path(cache: Path, repository: str, revision: str, path: str) -> Path:
    """Where the hub's cache shows a file of a revision."""
    return repository_folder(cache, repository) / "snapshots" / revision / path


def file_sha256(path: Path, progress: Progress) -> str:
    """The digest of a file; `progress` gets bytes done and in all."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb", buffering=0) as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
            done += len(block)
            progress(done, total)
    return digest.hexdigest()


def _belongs(record: Record, quantization: Quantization) -> bool:
    return (
        record.repository == quantization.repository
        and record.revision == quantization.revision
        and Path(record.path).match(quantization.pattern)
    )


def _is_unchanged(record: Record) -> bool:
    try:
        status = Path(record.location).stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (record.bytes, record.changed_ns)


def _parts_in_all(path: str) -> int:
    """How many parts a file's name says there are: `-00001-of-00003` is one of three."""
    match = SPLIT_NAME.search(path)
    return int(match.group(2)) if match else 1
