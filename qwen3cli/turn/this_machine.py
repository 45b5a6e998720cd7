"""What this machine has, as a plan needs it, and what it can run of the catalogue."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from qwen3cli.base.errors import DoesNotFit
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.engine.devices import Device, devices, supports_gpu
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.bandwidth import best_bandwidth, known_bandwidth
from qwen3cli.machine.hardware import held_bytes, memory, performance_cores
from qwen3cli.machine.memory import shape_of
from qwen3cli.machine.placement import Gpu
from qwen3cli.machine.plan import DEFAULTS, LoadOptions, Plan, Resources, plan_for
from qwen3cli.machine.seen_speed import seen_bandwidths
from qwen3cli.machine.verdicts import Verdict, best_quantization, recommended
from qwen3cli.models.catalogue import Catalogue, Entry
from qwen3cli.models.choice import DEMO_NAME

# A shorter context than this is of no use, so it is not advised.
_LEAST_CONTEXT_TOKENS = 1024


class Machine:
    """This machine, measured once."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def verdicts(self, catalogue: Catalogue, options: LoadOptions = DEFAULTS) -> list[Verdict]:
        """Every quantization of every model that can read so long a context."""
        return [
            verdict
            for entry in catalogue
            if entry.longest_context >= (options.context_tokens or 0)
            for verdict in self.of(entry, options)
        ]

    def of(self, entry: Entry, options: LoadOptions = DEFAULTS) -> list[Verdict]:
        """Every quantization of one model."""
        return [
            Verdict(entry, each, plan_for(shape_of(entry, each), self.resources, options))
            for each in entry.quantizations
        ]

    def best_of(self, entry: Entry, options: LoadOptions = DEFAULTS) -> Verdict | None:
        """The quantization of a model to take here; None if none fits."""
        return best_quantization(self.of(entry, options), entry.default)

    def recommended(
        self, catalogue: Catalogue, options: LoadOptions = DEFAULTS
    ) -> tuple[Verdict, ...]:
        """The model to take here when none is named, and a small one beside it; empty if none fits."""
        return recommended(self.verdicts(catalogue, options))

    def refusal(self, asked: Verdict, options: LoadOptions, catalogue: Catalogue) -> DoesNotFit:
        """Why a model does not fit, and the command that runs the nearest that does."""
        command = next(
            self._nearest(asked.entry, options, catalogue), f"qwen3 chat --size {DEMO_NAME}"
        )
        return _refusal(asked.name, asked.plan, f"the nearest that fits: {command}")

    def file_refusal(
        self, path: str, plan: Plan, options: LoadOptions, catalogue: Catalogue
    ) -> DoesNotFit:
        """Why a file does not fit, and the command that runs it smaller or, if none does, another model."""
        for smaller in _smaller(options, plan.tokens):
            if plan_for(plan.shape, self.resources, smaller).fits:
                command = f"qwen3 chat --size {shlex.quote(path)}{_flags(smaller)}"
                return _refusal(path, plan, f"this fits: {command}")
        for other in self.recommended(catalogue):
            return _refusal(path, plan, f"this fits: qwen3 chat --size {other.name}")
        return _refusal(path, plan, f"free some memory; --size {DEMO_NAME} needs the least")

    def _nearest(self, entry: Entry, options: LoadOptions, catalogue: Catalogue) -> Iterator[str]:
        """What to type instead, best first: another file of the model, a smaller cache, a shorter context, a smaller
        model."""
        tokens = self.of(entry, options)[0].plan.tokens
        for smaller in (options, *_smaller(options, tokens)):
            best = self.best_of(entry, smaller)
            if best is not None:
                yield f"qwen3 chat --size {best.name}{_flags(smaller)}"
        for other in sorted(catalogue, key=lambda each: each.parameters, reverse=True):
            alike = other.thinking == entry.thinking and other.longest_context >= tokens
            if alike and other.parameters < entry.parameters:
                best = self.best_of(other, options)
                if best is not None:
                    yield f"qwen3 chat --size {best.name}{_flags(options)}"


def _smaller(options: LoadOptions, tokens: int) -> Iterator[LoadOptions]:
    """Ways to run a model in less memory, the one that costs least first."""
    types = list(KvType)
    kinds = types[types.index(options.kv_type) :]
    yield from (replace(options, kv_type=each) for each in kinds[1:])
    while tokens > _LEAST_CONTEXT_TOKENS:
        tokens //= 2
        yield from (replace(options, kv_type=each, context_tokens=tokens) for each in kinds)


def _flags(options: LoadOptions) -> str:
    """What to type for these options."""
    cache = f" --kv {options.kv_type}" if options.kv_type is not KvType.F16 else ""
    context = f" --ctx {options.context_tokens}" if options.context_tokens is not None else ""
    return cache + context


def _refusal(name: str, plan: Plan, hint: str) -> DoesNotFit:
    needs, free = bytes_text(plan.main_bytes), bytes_text(plan.free_bytes)
    at = f"at {count_text(plan.tokens)} tokens of context"
    return DoesNotFit(f"{name} needs {needs} {at}, and {free} of memory is free", hint)


def this_machine(variables: Mapping[str, str], *, measured: bool = True) -> Machine:
    """Memory now, what llama.cpp's build can use of GPUs, the cores, and the best bandwidth that was seen; it is measured
    once more if that is wanted."""
    now = memory()
    bandwidth = best_bandwidth(variables) if measured else known_bandwidth(variables)
    return Machine(
        Resources(
            min(now.usable_bytes + held_bytes(), now.total_bytes),
            bandwidth,
            usable_gpu(devices()) if supports_gpu() else None,
            performance_cores(),
            now.thread_bytes,
            seen_bandwidths(variables),
        )
    )


def usable_gpu(found: Iterable[Device]) -> Gpu | None:
    """The GPUs as one: llama.cpp shares layers out among those with memory of their own; else there may be one in the
    processor. Apple's count as GPUs of their own and share the machine's memory."""
    gpus = [each for each in found if each.is_gpu]
    own = [each for each in gpus if each.kind == "gpu"]
    if not gpus:
        return None
    shared = not own or sys.platform == "darwin"
    return Gpu(sum(each.free_bytes for each in own or gpus[:1]), shares_main_memory=shared)
