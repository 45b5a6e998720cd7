"""What this machine can run: its memory and bandwidth, held against the catalogue."""

import sys
from collections.abc import Iterable, Iterator

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.engine.devices import Device, devices
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS, KvType
from qwen3cli.machine.hardware import memory, memory_bandwidth
from qwen3cli.machine.memory import (
    Resources,
    Verdict,
    best_quantization,
    plan_for,
    recommended,
    shape_of,
)
from qwen3cli.machine.placement import Gpu
from qwen3cli.models.catalogue import Catalogue, Entry

# A shorter context than this is of no use, so it is not advised.
_LEAST_CONTEXT_TOKENS = 1024


class Machine:
    """This machine, measured once."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

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
            Verdict(
                entry,
                each,
                plan_for(shape_of(entry, each), self.resources, context_tokens, kv_type),
            )
            for each in entry.quantizations
        ]

    def best_of(self, entry: Entry, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> Verdict | None:
        """The quantization of a model to take here; None if none fits."""
        return best_quantization(self.of(entry, context_tokens), entry.default)

    def recommended(
        self,
        catalogue: Catalogue,
        context_tokens: int = DEFAULT_CONTEXT_TOKENS,
        kv_type: KvType = KvType.F16,
    ) -> Verdict | None:
        """The model to take here when none is named."""
        return recommended(self.verdicts(catalogue, context_tokens, kv_type))

    def refusal(self, spec: str, asked: Verdict, catalogue: Catalogue) -> DoesNotFit:
        """Why a model does not fit, and the nearest that does."""
        plan = asked.plan
        needs, free = bytes_text(plan.main_bytes), bytes_text(plan.free_bytes)
        return DoesNotFit(
            f"{spec} needs {needs} at {count_text(plan.context_tokens)} tokens, and {free} are free",
            next(self._nearest(asked, catalogue), "--size demo runs everywhere"),
        )

    def _nearest(self, asked: Verdict, catalogue: Catalogue) -> Iterator[str]:
        """What to type instead, best first: another file of the model, a smaller cache, a shorter context, a smaller
        model."""
        entry, context, kv = asked.entry, asked.plan.context_tokens, asked.plan.kv_type
        tries = [(context, each) for each in dict.fromkeys((kv, KvType.Q8_0, KvType.Q4_0))]
        while context > _LEAST_CONTEXT_TOKENS:
            context //= 2
            tries.append((context, kv))
        for tokens, kv_type in tries:
            best = best_quantization(self.of(entry, tokens, kv_type), entry.default)
            if best is not None:
                cache = f" --kv {kv_type}" if kv_type is not kv else ""
                shorter = f" --ctx {tokens}" if tokens != asked.plan.context_tokens else ""
                yield f"the nearest that fits: --size {best.name}{cache}{shorter}"
        for other in sorted(catalogue, key=lambda each: each.parameters, reverse=True):
            best = self.best_of(other)
            if best and other.thinking == entry.thinking and other.parameters < entry.parameters:
                yield f"the nearest that fits: --size {best.name}"


def this_machine(*, measured: bool = True) -> Machine:
    """Memory now, what llama.cpp's build can use of GPUs and, unless told otherwise, the bandwidth."""
    bandwidth = memory_bandwidth() if measured else None
    return Machine(Resources(memory().available_bytes, bandwidth, usable_gpu(devices())))


def usable_gpu(found: Iterable[Device]) -> Gpu | None:
    """The GPUs as one: llama.cpp shares layers out among those with memory of their own; else there may be one in the
    processor. Apple's count as GPUs of their own and share the machine's memory."""
    gpus = [each for each in found if each.is_gpu]
    own = [each for each in gpus if each.kind == "gpu"]
    if not gpus:
        return None
    shared = not own or sys.platform == "darwin"
    return Gpu(sum(each.free_bytes for each in own or gpus[:1]), shares_main_memory=shared)
