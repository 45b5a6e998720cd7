"""Which model, and how it is put into memory: the flags."""

from dataclasses import dataclass
from typing import Annotated

from qwen3cli.base.ranges import Range
from qwen3cli.base.units import GIB
from qwen3cli.cli.help import MACHINE, MODEL
from qwen3cli.cli.options import (
    CONTEXT_RANGE,
    Flags,
    OfflineFlag,
    SourceFlag,
    complete_model,
    option,
    switch,
    within,
)
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.plan import DEFAULT_SAVED_KV_BYTES

_THREADS = Range(1, 512)  # GGML_MAX_N_THREADS: more and ggml writes where it must not


@dataclass(frozen=True)
class ModelFlags(Flags):
    """Which model, and how it is put into memory."""

    size: Annotated[
        str | None,
        option(
            "--size",
            "--model",
            "-m",
            metavar="MODEL",
            help="A size (0.6b ... 235b-a22b, demo), SIZE:QUANT, a .gguf file, or hf:OWNER/REPO/FILE. Default: the best on this disk.",
            panel=MODEL,
            autocompletion=complete_model,
        ),
    ] = None
    ctx: Annotated[
        int | None,
        option(
            "--ctx",
            callback=within(CONTEXT_RANGE),
            metavar="TOKENS",
            help="Longest context. Default: the model's own.",
            panel=MODEL,
        ),
    ] = None
    source: SourceFlag = None
    offline: OfflineFlag = False
    yes: Annotated[
        bool,
        switch("-y", "--yes", help="Fetch a model that is not here without asking.", panel=MODEL),
    ] = False
    threads: Annotated[
        int | None,
        option(
            "-t",
            "--threads",
            callback=within(_THREADS),
            metavar="N",
            help="CPU threads. Default: the performance cores.",
            panel=MACHINE,
        ),
    ] = None
    gpu_layers: Annotated[
        int | None,
        option(
            "--gpu-layers",
            callback=within(Range(-1)),
            metavar="N",
            help="Layers on the GPU, -1 for all. Default: what fits.",
            panel=MACHINE,
        ),
    ] = None
    cpu_moe: Annotated[
        int | None,
        option(
            "--cpu-moe",
            callback=within(Range(0)),
            metavar="N",
            help="Keep the experts of the first N layers on the CPU.",
            panel=MACHINE,
        ),
    ] = None
    kv: Annotated[
        KvType | None,
        option("--kv", help="How the KV cache is stored; default f16.", panel=MACHINE),
    ] = None
    cache: Annotated[
        bool,
        switch(
            "--cache/--no-cache",
            help="Keep long prompts, as computed, on the disk for the next time.",
            panel=MACHINE,
        ),
    ] = True
    cache_limit: Annotated[
        float,
        option(
            "--cache-limit",
            callback=within(Range(0, whole=False)),
            metavar="GIB",
            help="How much of them.",
            panel=MACHINE,
        ),
    ] = DEFAULT_SAVED_KV_BYTES / GIB
