"""The engine's vocabulary: what is asked of it and what it answers, as values. Ids in, ids and bytes out."""

from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from qwen3cli.machine.attention import AttentionShape, KvType

TokenId = NewType("TokenId", int)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is put into memory.

    `threads` None means as many as suit the model. `context_limit_tokens` None means what the file says it was trained
    for. `gpu_layers` -1 means all of them, None as many as fit. `expert_layers_on_cpu` keeps the experts of that many
    first layers off the GPU; None as many as it takes.
    `yarn_original_tokens` is the native context that YaRN stretches; None leaves positions as they are.
    """

    threads: int | None = None
    context_limit_tokens: int | None = None
    kv_type: KvType = KvType.F16
    gpu_layers: int | None = None
    expert_layers_on_cpu: int | None = None
    yarn_original_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a loaded file says of itself. `description` is llama.cpp's own, such as `qwen3 8B Q4_K - Medium`."""

    path: Path
    name: str
    architecture: str
    description: str
    weights_bytes: int
    parameters: int
    trained_context_tokens: int
    attention: AttentionShape
    chat_template: str
    bos_text: str
    eos_text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of output: `text` may be empty while a character is still incomplete. `forced` pieces were put in
    by us, not sampled."""

    token: TokenId
    text: str
    forced: bool = False
