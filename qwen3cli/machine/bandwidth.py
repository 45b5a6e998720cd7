"""How fast this machine moves memory: measured now, and the best that was ever measured here.

One measurement is noisy, since whatever else runs takes its share, and only ever too low. So several short ones are made,
and the best of all is remembered.
"""

import ctypes
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from qwen3cli.machine.by_machine import keep_of_machine, known_of_machine
from qwen3cli.machine.hardware import memory, physical_cores

# With its copy twice as much: more than nearly every processor caches.
_PROBE_BYTES = 64 * 2**20
# What a core copies at once: it takes about a millisecond, less than the turn a scheduler gives to other work.
_SLICE_BYTES = 4 * 2**20
_PROBE_ROUNDS = 8
FILE_NAME = "bandwidth.json"
# Faster than any memory: a file that says so is wrong.
_MOST_BANDWIDTH = 1e13


def best_bandwidth(variables: Mapping[str, str]) -> float | None:
    """The best that was seen on this machine, today's measurement included; None where there is none."""
    known = known_bandwidth(variables)
    measured = measured_bandwidth()
    if measured is None or (known is not None and known >= measured):
        return known
    keep_of_machine(variables, FILE_NAME, measured)
    return measured


def known_bandwidth(variables: Mapping[str, str]) -> float | None:
    """The best that was seen on this machine before."""
    found = known_of_machine(variables, FILE_NAME)
    is_number = isinstance(found, int | float) and 0 < found < _MOST_BANDWIDTH
    return float(found) if is_number else None


def measured_bandwidth() -> float | None:
    """Bytes a second that the physical cores together move to and from main memory; None if memory is short.

    The cores copy slice after slice of a block too large for the caches, and the best moment counts: of many that are short
    there is one in which nothing else runs. A copy reads and writes every byte, so twice the copied bytes count. Held
    against decoding on one two-core machine: 17.5 to 18.9 GB/s here, and there 10.6 to 14.1 GB/s of weights that were read.
    """
    if memory().usable_bytes < 2 * _PROBE_BYTES:
        return None
    threads = physical_cores()
    try:
        blocks = [_Block(_PROBE_BYTES // threads) for _ in range(threads)]
        with ThreadPoolExecutor(threads) as cores:
            best = min(
                _seconds(list(cores.map(partial(_Block.copy_slice, at=at), blocks)))
                for _ in range(_PROBE_ROUNDS)
                for at in range(0, blocks[0].size, _SLICE_BYTES)
            )
    except (MemoryError, RuntimeError):  # no memory, or no thread
        return None
    return 2 * min(_SLICE_BYTES, blocks[0].size) * threads / best


class _Block:
    """Memory that is really there, and its copy: pages nobody has written to would all be the same one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._from, self._to = (ctypes.create_string_buffer(size) for _ in range(2))
        for each in (self._from, self._to):
            ctypes.memset(each, 1, size)

    def copy_slice(self, at: int) -> tuple[float, float]:
        """Copy some of it. Returns when that began and ended."""
        count = min(_SLICE_BYTES, self.size)
        at = min(at, self.size - count)
        source, target = (ctypes.addressof(each) + at for each in (self._from, self._to))
        began = time.perf_counter()
        ctypes.memmove(target, source, count)
        return began, time.perf_counter()


def _seconds(spans: Sequence[tuple[float, float]]) -> float:
    """From the first beginning to the last end."""
    return max(end for _, end in spans) - min(began for began, _ in spans)
