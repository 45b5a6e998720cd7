"""One file of the hub's cache on its way to being whole: a lock, room, a digest, a name, a link.

What lies where, all of it in `models--OWNER--NAME/blobs` of the cache, under the digest that the file must have:

    <digest>                 the file, whole and checked; a link in `snapshots` shows it under its own name
    <digest>.qwen3-partial   what came of it so far, and
    <digest>.qwen3-pieces    which file it is and which of its bytes came: both are `partial`'s
    <digest>.qwen3-lock      held by the process that fetches it; one that was killed holds nothing
    <digest>.damaged         a file that came, or lay there, with another digest; kept for whoever wants to look at it

A download that nobody goes on with leaves the second and the third; `leftovers` finds and removes them. Knows the disk, and nothing of the network.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qwen3cli.base.errors import DigestMismatch, DownloadFailed
from qwen3cli.base.units import bytes_text
from qwen3cli.models.digests import file_sha256
from qwen3cli.models.disk import free_bytes
from qwen3cli.models.partial import map_of
from qwen3cli.models.sources import FileProgress, Stage

# Left free on the disk beside the file itself, so that nothing else on it fails for want of a block.
_SPARE_DISK_BYTES = 64 * 2**20

# How often somebody who waits for another process looks how far that one is.
_LOOK_SECONDS = 0.5

Progress = Callable[[FileProgress], None]


def recheck(blob: Path, path: str, progress: Progress) -> None:
    """Hash a blob that is here without a record of ours; what is damaged is set aside."""
    if file_sha256(blob, _checking(path, progress)) != blob.name:
        quarantine(blob, blob)


def quarantine(file: Path, blob: Path) -> Path:
    """Keep a damaged file for whoever wants to look at it, under another name."""
    aside = damaged_of(blob)
    file.replace(aside)
    return aside


def finish(partial: Path, blob: Path, path: str, progress: Progress) -> None:
    """Give a file all of whose bytes came its name, if its digest is right.

    Raises:
        DigestMismatch: it is not; the file was set aside.
    """
    actual = file_sha256(partial, _checking(path, progress))
    if actual != blob.name:
        aside = quarantine(partial, blob)
        raise DigestMismatch(
            f"{path} came damaged: sha256 {actual}, expected {blob.name}",
            f"try again: qwen3 pull; the damaged file was set aside as {aside}",
        )
    with partial.open("rb+") as opened:
        os.fsync(opened.fileno())  # a reboot must not find the name and not the bytes
    partial.replace(blob)
    map_of(blob).unlink()


def check_room(blobs: Path, missing_bytes: int) -> None:
    """Whether the disk under a folder holds so much more.

    Raises:
        DownloadFailed: it does not; says both figures.
    """
    free = free_bytes(blobs)
    needed = missing_bytes + _SPARE_DISK_BYTES
    if needed > free:
        raise DownloadFailed(
            f"not enough disk: {bytes_text(needed)} are needed, {bytes_text(free)} are free for {blobs}",
            "make room (qwen3 models rm NAME), or set HF_HOME to a larger disk",
        )


def damaged_of(blob: Path) -> Path:
    """Where a file goes whose digest is another."""
    return blob.with_name(f"{blob.name}.damaged")


def lock_of(blob: Path) -> Path:
    """What the process that fetches a blob holds."""
    return blob.with_name(f"{blob.name}.qwen3-lock")


@contextmanager
def lock(blob: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Only one process at a time fetches a file; the others are told that they wait, again and again, and find it
    finished. A killed process leaves no lock."""
    from filelock import FileLock, Timeout

    held = FileLock(lock_of(blob))
    while not held.is_locked:
        try:
            held.acquire(timeout=_LOOK_SECONDS)
        except Timeout:
            waiting()
    try:
        yield
    finally:
        held.release()


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


def _checking(path: str, progress: Progress) -> Callable[[int, int], None]:
    """A progress of hashing, told as the last stage of a file."""
    return lambda done, total: progress(FileProgress(path, done, total, Stage.CHECKING))
