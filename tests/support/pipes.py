"""Pipes as a test sees them from outside."""

import array
import fcntl
import termios
from typing import IO


def waiting_bytes(pipe: int | IO[bytes]) -> int:
    """How much is in a pipe that nobody has read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]
