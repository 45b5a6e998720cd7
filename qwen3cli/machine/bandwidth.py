"""How fast this machine moves memory: measured now, and the best that was ever measured here.

One measurement is noisy, since whatever else runs takes its share, and only ever too low. So the best is kept in a small
file in the state folder. A file that is damaged, foreign or cannot be written costs nothing but that.
"""

import contextlib
import ctypes
import json
import math
import os
import platform
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from qwen3cli.base.paths import state_folder
from qwen3cli.machine.hardware import memory, physical_cores

# With its copy twice as much: more than nearly every processor caches. Copying it once takes a few milliseconds.
_PROBE_BYTES = 64 * 2**20
_PROBE_RUNS = 4
FILE_NAME = "bandwidth.json"
# A home folder may be shared by machines; those measured last stay.
_MOST_MACHINES = 16
# Faster than any memory: a file that says so is wrong.
_MOST_BANDWIDTH = 1e13


def best_bandwidth(variables: Mapping[str, str]) -> float | None:
    """The best that was seen on this machine, today's measurement included; None where there is none."""
    known = known_bandwidth(variables)
    measured = measured_bandwidth()
    if measured is None or (known is not None and known >= measured):
        return known
    _keep(variables, measured)
    return measured


def known_bandwidth(variables: Mapping[str, str]) -> float | None:
    """The best that was seen on this machine before."""
    return _read(variables).get(_machine())


def measured_bandwidth() -> float | None:
    """Bytes a second that the physical cores together move to and from main memory; None if memory is short.

    Each core copies a share of a block too large for the caches. A copy reads and writes every byte, so twice the copied
    bytes count. Held against decoding on one two-core machine: 17.5 to 18.9 GB/s here, and there 10.6 to 14.1 GB/s of
    weights that were read.
    """
    if memory().usable_bytes < 2 * _PROBE_BYTES:
        return None
    threads = physical_cores()
    share = _PROBE_BYTES // threads
    best = math.inf
    try:
        blocks = [(_touched(share), _touched(share)) for _ in range(threads)]
        with ThreadPoolExecutor(threads) as cores:
            for _ in range(_PROBE_RUNS):
                started = time.perf_counter()
                list(cores.map(lambda block: ctypes.memmove(block[0], block[1], share), blocks))
                best = min(best, time.perf_counter() - started)
    except (MemoryError, RuntimeError):  # no memory, or no thread
        return None
    return 2 * share * threads / best


def _touched(size: int) -> ctypes.Array[ctypes.c_char]:
    """Memory that is really there: pages nobody has written to would all be the same one."""
    memory = ctypes.create_string_buffer(size)
    ctypes.memset(memory, 1, size)
    return memory


def _machine() -> str:
    """A name for this machine, as it may be used: fewer cores move less."""
    return f"{platform.node()} {platform.machine()}, {physical_cores()} cores"


def _read(variables: Mapping[str, str]) -> dict[str, float]:
    """What the file says, as far as it makes sense."""
    try:
        found = json.loads((state_folder(variables) / FILE_NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {
        name: float(value)
        for name, value in (found.items() if isinstance(found, dict) else ())
        if isinstance(value, int | float) and 0 < value < _MOST_BANDWIDTH
    }


def _keep(variables: Mapping[str, str], best: float) -> None:
    """Write beside the file and put it in its place, so that two processes at once leave one whole file."""
    known = _read(variables)
    known.pop(_machine(), None)
    kept = dict([*known.items(), (_machine(), best)][-_MOST_MACHINES:])
    folder = state_folder(variables)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder)  # for this user's eyes only
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        Path(beside).replace(folder / FILE_NAME)
