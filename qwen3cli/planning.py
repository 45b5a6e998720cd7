"""What this machine can run: its memory and bandwidth, held against the catalogue."""

import time

from qwen3cli.catalogue import Catalogue, Entry
from qwen3cli.fit import (
    DEFAULT_CONTEXT_TOKENS,
    KvType,
    Verdict,
    best_quantization,
    recommended,
    verdict,
)
from qwen3cli.hardware import Memory, memory

# Large enough that no processor's cache holds it; copying it once takes some tens of milliseconds.
_PROBE_BYTES = 128 * 2**20
_PROBE_RUNS = 3


class Machine:
    """This machine, measured once."""

    def __init__(self, memory_now: Memory, bandwidth_bytes_per_second: float | None) -> None:
        self.memory = memory_now
        self.bandwidth_bytes_per_second = bandwidth_bytes_per_second

    def verdicts(
        self,
        catalogue: Catalogue,
        context_tokens: int = DEFAULT_CONTEXT_TOKENS,
        kv_type: KvType = KvType.F16,
    ) -> list[Verdict]:
        """Every quantization of every model."""
        return [each for entry in catalogue for each in self.of(entry, context_tokens, kv_type)]

    def of(
        self,
        entry: Entry,
        context_tokens: int = DEFAULT_CONTEXT_TOKENS,
        kv_type: KvType = KvType.F16,
    ) -> list[Verdict]:
        """Every quantization of one model."""
        return [
            verdict(
                entry,
                quantization,
                self.memory.available_bytes,
                self.bandwidth_bytes_per_second,
                context_tokens,
                kv_type,
            )
            for quantization in entry.quantizations
        ]

    def best_of(self, entry: Entry, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> Verdict | None:
        """The quantization of a model to take here; None if none fits."""
        return best_quantization(self.of(entry, context_tokens), entry.default)

    def recommended(self, catalogue: Catalogue) -> Verdict | None:
        """The model to take here when none is named."""
        return recommended(self.verdicts(catalogue))


def this_machine(*, measured: bool = True) -> Machine:
    """Memory now and, unless told otherwise, the bandwidth."""
    return Machine(memory(), memory_bandwidth() if measured else None)


def memory_bandwidth() -> float | None:
    """Bytes a second that all cores together can read, from copying a block too large for the caches.

    A copy reads and writes every byte; decoding only reads, so twice the copied bytes count. One thread does not fill
    the bus of a large machine: the true figure is higher there, and this one is on the safe side. None if memory is short.
    """
    try:
        source, target = bytearray(_PROBE_BYTES), bytearray(_PROBE_BYTES)
    except MemoryError:
        return None
    best = float("inf")
    for _ in range(_PROBE_RUNS):  # the first one only brings the pages in
        started = time.perf_counter()
        memoryview(target)[:] = source
        best = min(best, time.perf_counter() - started)
    return 2 * _PROBE_BYTES / best
