"""A user's file as a whole: whoever reads one that is written sees the old content or the new one, and nothing between; and
what is read has an end, though it be a device that has none."""

import errno
import os
import shutil
from pathlib import Path


def read_whole(path: Path, most_bytes: int) -> bytes:
    """All of a file.

    Raises:
        OSError: it cannot be read, or is longer than that.
    """
    with path.open("rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Replace the content of a file, or make it; its mode stays, and so does a link to it. What is no file in itself, a
    device or a pipe, is written into.

    Raises:
        OSError: it cannot be written; what was in it is.
    """
    if _is_special(path):
        path.write_bytes(data)
        return
    target = path.resolve()
    beside = _beside(target)
    try:
        beside.write_bytes(data)
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """Find out whether `write_whole` can, and leave no trace of that.

    Raises:
        OSError: it cannot.
    """
    if _is_special(path):
        return
    beside = _beside(path.resolve())
    beside.touch()
    beside.unlink()


def _is_special(path: Path) -> bool:
    return path.exists() and not (path.is_file() or path.is_dir())


def _beside(target: Path) -> Path:
    """In the same folder, so that taking the file's place is one step; not longer than any name may be."""
    return target.with_name(f".qwen3-partial-{os.getpid()}")
