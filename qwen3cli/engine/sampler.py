"""llama.cpp's sampler chain as a Python object that releases what it holds."""

from typing import Any

from qwen3cli.dialogue.sampling import PENALTY_WINDOW_TOKENS, Sampling
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.llama import Context
from qwen3cli.engine.types import TokenId


class Sampler:
    """A native sampler chain. It remembers the tokens it chose, for the presence penalty."""

    def __init__(self, sampling: Sampling, seed: int, vocabulary_tokens: int) -> None:
        self._llama = llama = bindings()
        self._chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        if sampling.presence_penalty:
            self._add(
                llama.llama_sampler_init_penalties(
                    vocabulary_tokens, PENALTY_WINDOW_TOKENS, 1.0, 0.0, sampling.presence_penalty
                )
            )
        if sampling.temperature == 0:
            self._add(llama.llama_sampler_init_greedy())
            return
        # llama.cpp's own order: cut the tail first, then warm what is left.
        self._add(llama.llama_sampler_init_top_k(sampling.top_k))
        self._add(llama.llama_sampler_init_top_p(sampling.top_p, 1))
        self._add(llama.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(llama.llama_sampler_init_temp(sampling.temperature))
        self._add(llama.llama_sampler_init_dist(seed))

    def sample(self, context: Context) -> TokenId:
        """Choose the next token from the last logits, and remember it."""
        return TokenId(self._llama.llama_sampler_sample(self._chain, context.pointer, -1))

    def close(self) -> None:
        """Give the memory back."""
        if self._chain:
            self._llama.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, sampler: Any) -> None:
        self._llama.llama_sampler_chain_add(self._chain, sampler)
