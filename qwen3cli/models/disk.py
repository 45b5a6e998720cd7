"""The disks that model files lie on: how much room there is, and what goes wrong with them, in words."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qwen3cli.base.errors import DownloadFailed


def free_bytes(folder: Path) -> int:
    """How much the disk of a folder still takes, whether the folder is there yet or not."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


@contextmanager
def folder_errors(folder: Path, hint: str) -> Iterator[None]:
    """What a disk says of a folder that files are put into or taken out of. `hint` helps where it is the wrong one."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            said, hint = "is full", "make room, then run the same command again"
        elif problem.errno == errno.EFBIG:
            said, hint = "takes no file as large as that", "FAT32 ends at 4 GiB: format it as exFAT"
        else:
            said = f"cannot be used: {problem.strerror}"
        raise DownloadFailed(f"{folder} {said}", hint) from problem
