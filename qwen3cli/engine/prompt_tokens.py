"""A whole prompt's tokens, piece by piece, so that a long one can be given up in between.

The result is what llama.cpp gives for the whole text: pieces end where that is certain (`cuts`). One that is long all the
same is first counted in parts that are cut anywhere, which is nearly right and enough to refuse it, and then tokenized
in a thread.
"""

from collections.abc import Callable, Iterable
from functools import cache

from qwen3cli.engine.cuts import PART_CHARACTERS, Cutter
from qwen3cli.engine.types import TokenId
from qwen3cli.engine.vocabulary import Vocabulary

# llama.cpp takes up to a tenth of a second for it.
_LONG_CHARACTERS = 8 * PART_CHARACTERS
# A cut at any place splits one word in two; what that adds is far below this.
_TOKENS_ADDED_BY_A_CUT = 16

# Gets the least number of tokens there are for certain; may raise to give the prompt up.
Look = Callable[[int], None]


def prompt_tokens(
    vocabulary: Vocabulary, segments: Iterable[tuple[str, bool]], look: Look
) -> list[TokenId]:
    """The tokens of a prompt's segments (text, whether control tokens count in it). `look` is called between the pieces."""
    cutter = Cutter(
        "" if vocabulary.strips_spaces else vocabulary.pre_tokenizer, vocabulary.whole_texts
    )

    @cache
    def literal(text: str) -> list[TokenId]:
        return vocabulary.tokenize(text, control_tokens=False)

    tokens: list[TokenId] = []
    for text, control_tokens in segments:
        if not control_tokens:
            tokens += literal(text)
            look(len(tokens))
            continue
        for part in cutter.parts(text):
            tokens += _part_tokens(vocabulary, part, len(tokens), look)
            look(len(tokens))
    return tokens


def _part_tokens(vocabulary: Vocabulary, part: str, before: int, look: Look) -> list[TokenId]:
    if len(part) <= _LONG_CHARACTERS:
        return vocabulary.tokenize(part, control_tokens=True)
    count = before
    for at in range(0, len(part), PART_CHARACTERS):
        short = part[at : at + PART_CHARACTERS]
        count += len(vocabulary.tokenize(short, control_tokens=True)) - _TOKENS_ADDED_BY_A_CUT
        look(max(before, count))
    return vocabulary.tokenize_patiently(part, lambda: look(before), control_tokens=True)
