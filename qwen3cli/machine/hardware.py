"""What this machine has: cores and memory, as the process may use them.

Containers are believed: a memory limit or a processor set smaller than the machine counts as the machine. GPUs are
asked of llama.cpp, in `engine/devices.py`, since only its build decides whether they can be used.
"""

import ctypes
import os
import platform
import sys
import threading
from dataclasses import replace
from pathlib import Path

from qwen3cli.machine.limits import Memory, control_groups, processor_quotas, resource_limits

_DEVICES = Path("/sys/devices")
# Left free for everything else that runs: the smallest margin at which a two-core machine did not start to swap.
_SPARE_BYTES = 256 * 2**20


def physical_cores() -> int:
    """Cores that compute at once; hyper-threads of one core share it, and slow matrix work down."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    quotas = map(round, processor_quotas())  # a thread too many waits for the others' share
    return max(1, min(cores, usable_processors(), *quotas))


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


def processor_name() -> str:
    """What the processor calls itself, or what kind it is."""
    if sys.platform == "darwin":
        return _apples_text(b"machdep.cpu.brand_string") or platform.machine()
    lines = _read(Path("/proc/cpuinfo")).splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _apples_text(name: bytes) -> str:
    text, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
    ctypes.CDLL(None).sysctlbyname(name, text, ctypes.byref(size), None, 0)
    return text.value.decode("utf-8", "replace")


def usable_processors() -> int:
    """Logical processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads(count: int) -> None:
    """Prove that so many threads can run at once: where they cannot, the library that computes with them ends the process.

    Raises:
        RuntimeError: one could not be started.
    """
    over = threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(count - 1)]
    started: list[threading.Thread] = []
    try:
        for each in threads:
            each.start()
            started.append(each)
    finally:
        over.set()
        for each in started:
            each.join()


def memory(kept_bytes: int = 0) -> Memory:
    """Main memory as the process may use it: the machine's, or the tightest limit it is under. `kept_bytes` are of mapped
    files that are to stay in memory, though the system counts them as free."""
    import psutil

    machine = psutil.virtual_memory()
    shared = (Memory(machine.total, machine.available, _SPARE_BYTES), *control_groups())
    bounds = [
        *(replace(each, available_bytes=each.available_bytes - kept_bytes) for each in shared),
        *resource_limits(),
    ]
    return min(bounds, key=lambda each: each.usable_bytes)


def held_bytes() -> int:
    """What this process has of main memory already."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def _read(path: Path) -> str:
    """A small file of the system; empty where there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
