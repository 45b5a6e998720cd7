"""What this machine has: cores and memory, as the process may use them.

Containers are believed: a memory limit or a processor set smaller than the machine counts as the machine. GPUs are
asked of llama.cpp, in `engine/devices.py`, since only its build decides whether they can be used.
"""

import ctypes
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_DEVICES = Path("/sys/devices")
_CGROUP = Path("/sys/fs/cgroup")
# (limit, usage, statistics) of the second and the first version of Linux control groups.
_CGROUP_FILES = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)

# With its copy twice as much: more than nearly every processor caches. Copying it once takes a few milliseconds.
_PROBE_BYTES = 64 * 2**20
_PROBE_RUNS = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory. `available_bytes` can be had without swapping, file cache included."""

    total_bytes: int
    available_bytes: int


def physical_cores() -> int:
    """Cores that compute at once; hyper-threads of one core share it, and slow matrix work down."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(cores, usable_processors()))


def performance_cores() -> int:
    """Physical cores of the fast kind, where a processor has two kinds: every step of decoding waits for its slowest
    part, so a slow core holds the others up. All physical cores where there is one kind, or the system does not say."""
    fast = _apples_fast_cores() if sys.platform == "darwin" else intels_fast_cores(_DEVICES)
    return min(fast or physical_cores(), physical_cores())


def intels_fast_cores(devices: Path) -> int:
    """Cores that Linux lists as `cpu_core`, beside `cpu_atom`, below /sys/devices; 0 where there are no two kinds."""
    processors = _listed(_read(devices / "cpu_core" / "cpus"))
    siblings = devices / "system" / "cpu"
    return len(
        {_read(siblings / f"cpu{each}" / "topology" / "core_cpus_list") for each in processors}
    )


def _listed(ranges: str) -> list[int]:
    """`0-2,8` as 0, 1, 2, 8."""
    numbers: list[int] = []
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def _apples_fast_cores() -> int:
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    name = b"hw.perflevel0.physicalcpu"
    ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0)
    return value.value


def usable_processors() -> int:
    """Logical processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> Memory:
    """Main memory as the process may use it."""
    import psutil

    machine = psutil.virtual_memory()
    limit = control_group_memory(_CGROUP)
    if limit is None or limit.total_bytes >= machine.total:
        return Memory(machine.total, machine.available)
    return Memory(limit.total_bytes, min(machine.available, limit.available_bytes))


def memory_bandwidth() -> float | None:
    """Bytes a second that the physical cores together move to and from main memory; None if memory is short.

    Each core copies a share of a block too large for the caches. A copy reads and writes every byte, so twice the copied
    bytes count. Held against decoding on one two-core machine: 17.5 to 18.9 GB/s here, and there 10.6 to 14.1 GB/s of
    weights that were read.
    """
    threads = physical_cores()
    share = _PROBE_BYTES // threads
    try:
        blocks = [(_touched(share), _touched(share)) for _ in range(threads)]
    except MemoryError:
        return None
    best = float("inf")
    with ThreadPoolExecutor(threads) as cores:
        for _ in range(_PROBE_RUNS):
            started = time.perf_counter()
            list(cores.map(lambda block: ctypes.memmove(block[0], block[1], share), blocks))
            best = min(best, time.perf_counter() - started)
    return 2 * share * threads / best


def _touched(size: int) -> ctypes.Array[ctypes.c_char]:
    """Memory that is really there: pages nobody has written to would all be the same one."""
    memory = ctypes.create_string_buffer(size)
    ctypes.memset(memory, 1, size)
    return memory


def control_group_memory(root: Path) -> Memory | None:
    """The limit of the control group whose files are in `root`, and what is left of it; None where there is none."""
    for limit_name, usage_name, statistics_name in _CGROUP_FILES:
        limit = _number(root / limit_name)
        usage = _number(root / usage_name)
        if limit is not None and usage is not None:
            return Memory(limit, max(0, limit - usage + _reclaimable(root / statistics_name)))
    return None


def _read(path: Path) -> str:
    """A small file of the system; empty where there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.isdigit() else None  # the word "max" is no limit


def _reclaimable(path: Path) -> int:
    """File pages counted as used that would be given back."""
    lines = _read(path).splitlines()
    fields = dict(line.split()[:2] for line in lines if len(line.split()) >= 2)
    return int(fields.get("inactive_file", 0)) + int(fields.get("active_file", 0))
