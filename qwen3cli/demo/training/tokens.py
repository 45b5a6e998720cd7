"""The demo model's vocabulary: every byte, the markers under their Qwen3 names, and some two hundred stock phrases.

Byte-level BPE as Qwen3 has it, but with a single merge that never applies: what is not a stock phrase is spelled byte
by byte, so that any word can be counted letter by letter and any digit has a token of its own. The stock phrases are
"user defined" tokens, which llama.cpp cuts out of the text before anything else, longest first; `encode` does the same.
"""

from qwen3cli.demo.training.phrases import PHRASES

CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MARKERS = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
# A vocabulary must have a merge; these two bytes never stand in UTF-8.
NEVER_MERGED = (0xC0, 0xC1)


def byte_characters() -> list[str]:
    """GPT-2's printable stand-in for every byte, in byte order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    shifted = {byte: 0x100 + index for index, byte in enumerate(others)}
    return [chr(shifted.get(byte, byte)) for byte in range(0x100)]


class Vocabulary:
    """Texts to ids and back, exactly as llama.cpp does it with the exported file."""

    def __init__(self) -> None:
        characters = byte_characters()
        merged = characters[NEVER_MERGED[0]] + characters[NEVER_MERGED[1]]
        self.whole = [*CONTROL, *MARKERS, *PHRASES]
        self.texts = [*characters, merged, *self.whole]
        padding = -len(self.texts) % 32
        self.texts += [f"[unused {index}]" for index in range(padding)]
        self.first_whole = 0x101
        self.ids = {text: self.first_whole + index for index, text in enumerate(self.whole)}
        self._by_length = sorted(self.whole, key=lambda text: (-len(text.encode()), text))

    def __len__(self) -> int:
        return len(self.texts)

    def encode(self, text: str) -> list[int]:
        """The ids of a text in which every marker counts."""
        parts: list[str | int] = [text]
        for whole in self._by_length:
            if whole in text:
                parts = [piece for part in parts for piece in self._cut(part, whole)]
        ids: list[int] = []
        for part in parts:
            ids.extend([part] if isinstance(part, int) else part.encode())
        return ids

    def _cut(self, part: str | int, whole: str) -> list[str | int]:
        if isinstance(part, int) or whole not in part:
            return [part]
        pieces: list[str | int] = []
        for index, text in enumerate(part.split(whole)):
            if index:
                pieces.append(self.ids[whole])
            if text:
                pieces.append(text)
        return pieces
