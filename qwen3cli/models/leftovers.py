"""What downloads left in the cache beside whole files: what came of a file, damaged files, locks (`blobs` says which).

Only what has our names: what other tools leave there is theirs. Nothing is removed that another process is using.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.models.blobs import damaged_of, lock_of
from qwen3cli.models.cache import inside_repository
from qwen3cli.models.disk import folder_errors
from qwen3cli.models.partial import Origin, came_bytes, origin_of, partial_of

_OURS = ("*.qwen3-*", "*.damaged")
_BLOCK_BYTES = 512  # of `st_blocks`, whatever the file system's own have


@dataclass(frozen=True, slots=True)
class Leftover:
    """What was left of one file, by the digest it has or should have had. `origin` None: nothing says which file."""

    blob: Path
    files: tuple[Path, ...]
    origin: Origin | None
    came_bytes: int

    @property
    def repository(self) -> str:
        """Whose file it is."""
        inside = inside_repository(self.blob)
        return inside[0] if inside else ""

    @property
    def is_unfinished(self) -> bool:
        """Whether a download has begun and not ended."""
        return partial_of(self.blob) in self.files

    @property
    def is_damaged(self) -> bool:
        """Whether a file was set aside, since its digest was wrong."""
        return damaged_of(self.blob) in self.files

    def remove(self) -> int | None:
        """Free it. Returns the bytes freed; None: another process is using it, and all of it stays.

        Raises:
            DownloadFailed: the cache cannot be written.
        """
        from filelock import FileLock, Timeout

        lock, freed = lock_of(self.blob), 0
        with folder_errors(self.blob.parent, "its owner can remove them"):
            try:
                with FileLock(lock, timeout=0):
                    for each in self.files:
                        if each != lock:
                            freed += _size(each)
                            each.unlink(missing_ok=True)
                    with suppress(PermissionError):  # Windows removes it when it is let go
                        lock.unlink()
            except Timeout:
                return None
        return freed


def leftovers(cache: Path, repository_folder: str = "models--*") -> Iterator[Leftover]:
    """Everything that was left in a cache, or in one repository's folder of it."""
    files: dict[Path, list[Path]] = {}
    for kind in _OURS:
        for each in cache.glob(f"{repository_folder}/blobs/{kind}"):
            files.setdefault(each.with_name(each.name.partition(".")[0]), []).append(each)
    for blob in sorted(files):
        yield Leftover(blob, tuple(sorted(files[blob])), origin_of(blob), came_bytes(blob))


def _size(file: Path) -> int:
    """What it takes of the disk: what is still to come of a file is a hole."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0
    blocks = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else min(status.st_size, blocks * _BLOCK_BYTES)
