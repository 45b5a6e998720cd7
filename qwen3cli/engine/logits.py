"""What the model found of every token that could come next: one row of numbers, where llama.cpp has it.

What is written into it counts for the sampler. It holds until the next decode.
"""

from typing import Any

from qwen3cli.base.errors import BadModelFile
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.llama import Context

LAST = -1  # of the last batch


class Logits:
    """The row behind one token of a context's last batch."""

    def __init__(self, context: Context, index: int = LAST) -> None:
        """`index` is the token's in the batch."""
        self.context = context
        self.index = index

    def check_numbers(self) -> None:
        """Whether they are numbers. Where weights are broken, none is: so one is looked at.

        Raises:
            BadModelFile: they are not.
        """
        first = self._pointer()[0]
        if first != first:
            raise BadModelFile(
                "the model computes no numbers (NaN): its file is damaged",
                "qwen3 models verify, or fetch it again",
            )

    def values(self) -> Any:
        """All of them, `(vocabulary_tokens,)` of float32; writing changes them."""
        import numpy as np  # noqa: PLC0415 - only who changes logits pays for it

        shape = (self.context.vocabulary_tokens,)
        return np.ctypeslib.as_array(self._pointer(), shape=shape)

    def _pointer(self) -> Any:
        return bindings().llama_get_logits_ith(self.context.pointer, self.index)
