"""The engine's vocabulary: what it says of a model and of its output, as values. Ids in, ids and bytes out."""

from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from qwen3cli.dialogue.events import TokenLogprobs

TokenId = NewType("TokenId", int)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a loaded file says of itself. `description` is llama.cpp's own, such as `qwen3 8B Q4_K - Medium`."""

    path: Path
    name: str
    architecture: str
    description: str
    weights_bytes: int
    parameters: int
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
    logprobs: TokenLogprobs | None = None
