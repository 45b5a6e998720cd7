"""A model's vocabulary: texts to tokens and back, and what its tokens are.

Reading the kind of every token takes 0.05 s for 151,936 of them, and their texts as long again, so either is done when it
is first asked for.
"""

import ctypes
import threading
from collections.abc import Callable
from functools import cached_property, partial
from queue import Empty, SimpleQueue
from typing import Any

from qwen3cli.base.errors import EngineFailed
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.types import TokenId

_LOOK_EVERY_SECONDS = 0.05


class Vocabulary:
    """The vocabulary of a loaded model, and valid as long as that is."""

    def __init__(self, pointer: Any, pre_tokenizer: str) -> None:
        """`pre_tokenizer` is llama.cpp's name for the rule that splits text into words before anything is merged."""
        self._llama = bindings()
        self.pointer = pointer
        self.pre_tokenizer = pre_tokenizer
        self._pieces: dict[TokenId, bytes] = {}
        self._thread: threading.Thread | None = None

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return int(self._llama.llama_vocab_n_tokens(self.pointer))

    def tokenize(self, text: str, *, control_tokens: bool) -> list[TokenId]:
        """The ids of a text. With `control_tokens`, markers such as `<|im_end|>` become their single token;
        without, they are ordinary characters. Nothing is added before or after."""
        raw = text.encode()
        room = len(raw) + 1
        ids = (ctypes.c_int32 * room)()
        count = self._llama.llama_tokenize(
            self.pointer, raw, len(raw), ids, room, False, control_tokens
        )
        if count < 0:
            raise EngineFailed(f"llama.cpp cannot tokenize this text ({len(raw)} bytes)")
        return [TokenId(token) for token in ids[:count]]

    def tokenize_patiently(
        self, text: str, look: Callable[[], None], *, control_tokens: bool
    ) -> list[TokenId]:
        """The same for a text that takes long: `look` is called while it lasts, and may raise to give it up."""
        results: SimpleQueue[list[TokenId] | EngineFailed] = SimpleQueue()

        def work() -> None:
            try:
                results.put(self.tokenize(text, control_tokens=control_tokens))
            except EngineFailed as problem:
                results.put(problem)

        self._thread = threading.Thread(target=work, name="tokenize", daemon=True)
        self._thread.start()
        while True:
            try:
                result = results.get(timeout=_LOOK_EVERY_SECONDS)
            except Empty:
                look()
                continue
            if isinstance(result, EngineFailed):
                raise result
            return result

    @property
    def in_use(self) -> bool:
        """Whether a text that was given up is still being tokenized: llama.cpp cannot be told to stop."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def tokenize_address(self) -> int:
        """Where llama.cpp's tokenizing function is in memory, for other native code."""
        function = self._llama._lib.llama_tokenize
        return ctypes.cast(function, ctypes.c_void_p).value or 0

    def piece(self, token: TokenId) -> bytes:
        """The bytes of one token; may be a part of a UTF-8 character. Control tokens give their marker text."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token)
        return known

    def is_end(self, token: TokenId) -> bool:
        """Whether the token ends a generation (there may be several such tokens)."""
        return bool(self._llama.llama_vocab_is_eog(self.pointer, token))

    def is_marker(self, token: TokenId) -> bool:
        """Whether the token is no ordinary text: a control token, or one of the user's own such as `<think>`."""
        kind = self._kind(token)
        if kind & self._llama.LLAMA_TOKEN_ATTR_CONTROL:
            return True
        text = self.piece(token)
        own = bool(kind & self._llama.LLAMA_TOKEN_ATTR_USER_DEFINED)
        return own and text.startswith(b"<") and text.endswith(b">")

    def marker(self, text: str) -> TokenId | None:
        """The one token that a marker is; None if it is none, or several."""
        tokens = self.tokenize(text, control_tokens=True)
        return tokens[0] if len(tokens) == 1 and self.is_marker(tokens[0]) else None

    @cached_property
    def control_texts(self) -> tuple[str, ...]:
        """The markers that become one token where control tokens count, and are ordinary characters elsewhere."""
        return self._texts_of(self._control)

    @cached_property
    def whole_texts(self) -> tuple[str, ...]:
        """All texts that are taken out before anything else: the control tokens and the words added whole."""
        return self._texts_of(self._control | self._llama.LLAMA_TOKEN_ATTR_USER_DEFINED)

    @cached_property
    def strips_spaces(self) -> bool:
        """Whether some of these swallow the white space beside them."""
        stripping = self._llama.LLAMA_TOKEN_ATTR_LSTRIP | self._llama.LLAMA_TOKEN_ATTR_RSTRIP
        return any(kind & stripping for kind in self._kinds)

    @cached_property
    def longest_piece_bytes(self) -> int:
        """The most bytes one token stands for."""
        # llama.cpp stores a piece in printable characters, so that none has more bytes than its text there.
        text = partial(self._llama.llama_vocab_get_text, self.pointer)
        lengths = [len(each) for each in map(text, range(self.size))]
        longest = 1
        for token in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
            if lengths[token] <= longest:
                break
            longest = max(longest, len(self.piece(TokenId(token))))
        return longest

    @property
    def _control(self) -> int:
        llama = self._llama
        return int(llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN)

    @cached_property
    def _kinds(self) -> list[int]:
        return list(map(self._kind, range(self.size)))

    @property
    def _kind(self) -> Callable[[int], int]:
        return partial(self._llama.llama_vocab_get_attr, self.pointer)

    def _texts_of(self, kinds: int) -> tuple[str, ...]:
        tokens = [TokenId(index) for index, kind in enumerate(self._kinds) if kind & kinds]
        texts = (self.piece(token).decode("utf-8", "replace") for token in tokens)
        return tuple(sorted({text for text in texts if text}, key=lambda text: (-len(text), text)))

    def _read_piece(self, token: TokenId) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = self._llama.llama_token_to_piece(self.pointer, token, buffer, room, 0, True)
            if count >= 0:
                return buffer.raw[:count]
            room = -count
