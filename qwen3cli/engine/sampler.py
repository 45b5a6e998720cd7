"""llama.cpp's sampler chain as a Python object that releases what it holds."""

from typing import Any

from qwen3cli.dialogue.sampling import SETTINGS, Argument, Sampling
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.logits import Logits
from qwen3cli.engine.types import TokenId

_INIT = "llama_sampler_init_"


class Sampler:
    """A native sampler chain. It remembers the tokens it chose, for the penalties."""

    def __init__(self, sampling: Sampling, seed: int, vocabulary_tokens: int) -> None:
        self._llama = llama = bindings()
        self._chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for setting in SETTINGS:
            value = sampling[setting.name]
            if value != setting.unset:
                meant: dict[Any, Any] = {
                    Argument.VALUE: value,
                    Argument.VOCABULARY: vocabulary_tokens,
                }
                name, *arguments = setting.native
                self._add(f"{_INIT}{name}", *(meant.get(each, each) for each in arguments))
        self._add(f"{_INIT}dist", seed)

    def sample(self, logits: Logits) -> TokenId:
        """Choose the next token, and remember it."""
        context = logits.context.pointer
        return TokenId(self._llama.llama_sampler_sample(self._chain, context, logits.index))

    def close(self) -> None:
        """Give the memory back."""
        if self._chain:
            self._llama.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, function: str, *arguments: Any) -> None:
        link = getattr(self._llama, function)(*arguments)
        self._llama.llama_sampler_chain_add(self._chain, link)
