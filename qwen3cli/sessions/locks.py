"""A lock on an open file, which the system takes back when its process ends, in whatever way."""

import os
import sys

# Windows keeps others from reading what is locked; no file of ours is so long.
_FAR_OFF = 2**30


def try_lock(descriptor: int) -> bool:
    """Whether this process has the file to itself from now on."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _FAR_OFF, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
