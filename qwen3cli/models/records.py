"""The files whose digest was checked here, recorded beside our data: checked once, and again at will without a network."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from qwen3cli.base.errors import DownloadFailed
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.models.cache import inside_repository, repository_folder
from qwen3cli.models.catalogue import Quantization

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """A file whose digest was checked. `changed_ns` is its time of change then: a later one voids the record.
    `is_brought`: another tool put it there, and it is not ours to remove."""

    repository: str
    revision: str
    path: str
    location: str
    bytes: int
    sha256: str
    changed_ns: int
    is_brought: bool = False
    version: int = _VERSION

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is still as it was when it was checked."""
        try:
            status = Path(self.location).stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.bytes, self.changed_ns)

    def moved_to(self, cache: Path) -> Self:
        """The record as it is if the cache was moved, whole, since the check."""
        inside = inside_repository(Path(self.location))
        if inside is None or inside[0] != self.repository:
            return self
        return replace(self, location=str(repository_folder(cache, self.repository) / inside[1]))


class Records:
    """The folder of records, a small file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[Record]:
        """Everything recorded, whether it is still there or not."""
        for path in sorted(self._folder.glob("*.json")):
            record = _read(path)
            if record is not None:
                yield record

    def find(self, quantization: Quantization, path: str) -> Record | None:
        """What was recorded of a file, whether it is still so or not."""
        return _read(self._place(quantization, path))

    def add(
        self,
        quantization: Quantization,
        path: str,
        location: Path,
        sha256: str,
        *,
        is_brought: bool = False,
    ) -> Record:
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
            is_brought,
        )
        target = self._place(quantization, path)
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

    def forget(self, quantization: Quantization, path: str) -> None:
        """Remove the record of a file, if there is one."""
        self._place(quantization, path).unlink(missing_ok=True)

    def _place(self, quantization: Quantization, path: str) -> Path:
        name = f"{quantization.repository}@{quantization.revision[:12]}@{path}".replace("/", "--")
        return self._folder / f"{name}.json"


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, *OTHER_FORM):
        return None
