"""One file of the hub's cache on its way to being whole: pieces beside it, a lock, room, a digest, a name, a link.

Knows the disk, and nothing of the network.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qwen3cli.base.errors import DownloadFailed
from qwen3cli.base.units import bytes_text
from qwen3cli.models.digests import file_sha256
from qwen3cli.models.sources import FileProgress, Stage

# Left free on the disk beside the file itself, so that nothing else on it fails for want of a block.
_SPARE_DISK_BYTES = 64 * 2**20

Progress = Callable[[FileProgress], None]


def recheck(blob: Path, path: str, progress: Progress) -> None:
    """Hash a blob that is here without a record of ours; what is damaged is set aside."""
    if file_sha256(blob, checking(path, progress)) != blob.name:
        quarantine(blob, blob)


def quarantine(file: Path, blob: Path) -> Path:
    """Keep a damaged file for whoever wants to look at it, under another name."""
    aside = blob.with_name(f"{blob.name}.damaged")
    file.replace(aside)
    return aside


def flush_to_disk(file: Path) -> None:
    """Have the bytes on the disk before the name that calls them whole: a reboot must not find it otherwise."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def partial_of(blob: Path) -> Path:
    """Where the pieces of a blob are collected."""
    return blob.with_name(f"{blob.name}.qwen3-partial")


def check_room(blobs: Path, missing_bytes: int) -> None:
    """Whether the disk under a folder holds so much more.

    Raises:
        DownloadFailed: it does not; says both figures.
    """
    there = next(folder for folder in (blobs, *blobs.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    needed = missing_bytes + _SPARE_DISK_BYTES
    if needed > free:
        raise DownloadFailed(
            f"not enough disk: {bytes_text(needed)} are needed, {bytes_text(free)} are free in {there}",
            "make room (qwen3 models rm NAME), or set HF_HOME to a larger disk",
        )


@contextmanager
def lock(blob: Path) -> Iterator[None]:
    """Only one process at a time fetches a file; the others find it finished. A killed process leaves no lock."""
    from filelock import FileLock

    with FileLock(blob.with_name(f"{blob.name}.qwen3-lock")):
        yield


def place(blob: Path, pointer: Path) -> None:
    """Show the blob under its revision, by a relative link; where the system has no links, by moving it there."""
    if pointer.exists() and pointer.resolve() == blob.resolve():
        return
    pointer.unlink(missing_ok=True)
    pointer.parent.mkdir(parents=True, exist_ok=True)
    try:
        pointer.symlink_to(os.path.relpath(blob, pointer.parent))
    except OSError:
        blob.replace(pointer)


def size_of(path: Path) -> int:
    """Its bytes; 0 if there is no such file."""
    return path.stat().st_size if path.exists() else 0


def checking(path: str, progress: Progress) -> Callable[[int, int], None]:
    """A progress of hashing, told as the last stage of a file."""
    return lambda done, total: progress(FileProgress(path, done, total, Stage.CHECKING))
