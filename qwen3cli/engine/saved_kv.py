"""One model's saved KV caches: what a prompt can take back from the disk, and what is worth being written there.

Measured on two cores (0.6B shape, Q4_K_M, 3,072 tokens, 336 MiB): computing takes 10 s and more, writing 0.6 to 0.9 s, proving
0.2 s and reading 0.16 s. So what costs longer to compute than to write is kept, and no prompt shorter than some hundred
tokens, of which a disk would only fill with thousands of files.
"""

import os
import platform
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qwen3cli.base.units import bytes_text
from qwen3cli.engine.bindings import bindings
from qwen3cli.engine.devices import system_info
from qwen3cli.engine.kv_files import KvFiles, SavedSequence, packed, remove
from qwen3cli.engine.llama import Context
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.plan import Plan
from qwen3cli.models.gguf import ModelFile

# What must be new in a sequence for it to be written, and found for it to be read.
LEAST_TOKENS = 512
# A slow disk of today; the one of the measurements above took twice as much.
_WRITTEN_BYTES_PER_SECOND = 200e6
# Of a sequence's tokens that a prompt must share: all of them are read, and take memory.
_LEAST_SHARE = 0.25
# Of an older sequence's tokens: one that shares so many with a new one has nothing more to give.
_SUPERSEDED_SHARE = 0.75


class SavedKv:
    """What is saved for one model, as it is loaded."""

    def __init__(self, files: KvFiles, title: str, computed_with: dict[str, Any]) -> None:
        self._files = files
        self._title = title
        self._computed_with = computed_with
        self._writing: threading.Thread | None = None
        self._remarks: list[str] = []

    def longest(self, prompt: Sequence[TokenId], more_than: int) -> SavedSequence | None:
        """The sequence that begins with most of the prompt, if that is worth reading beside `more_than` tokens at hand."""
        best, shared = self._nearest(packed(prompt))
        return best if shared >= more_than + LEAST_TOKENS else None

    def is_genuine(self, saved: SavedSequence) -> bool:
        """Whether a sequence can be trusted; if not, it is removed."""
        if self._files.is_genuine(saved):
            return True
        remove(saved.path)
        return False

    def restore(self, saved: SavedSequence, context: Context) -> bool:
        """Put a genuine sequence into an empty context. False: it holds something else, and is removed."""
        if packed(context.load(saved.path, saved.count)) != saved.tokens:
            remove(saved.path)
            return False
        self._files.used(saved)
        return True

    def pays(self, tokens: Sequence[TokenId], size: int, seconds: float) -> bool:
        """Whether tokens that take `size` bytes should be written: `seconds` is what computing took of them that is not on
        the disk."""
        _, known = self._nearest(packed(tokens))
        return len(tokens) - known >= LEAST_TOKENS and seconds * _WRITTEN_BYTES_PER_SECOND > size

    def write(self, context: Context, tokens: Sequence[TokenId]) -> None:
        """Save what a context holds, in a thread: until `finish` the context must be left alone."""
        size = context.state_bytes
        if size > self._files.limit_bytes:
            self._say(f"it takes {bytes_text(size)}; --cache-limit says how much may be kept")
            return

        def written() -> None:
            try:
                self._write(context, packed(tokens), size)
            except OSError as problem:
                self._say(f"{self._files.folder}: {problem.strerror or problem}")

        self._writing = threading.Thread(target=written)
        self._writing.start()

    def finish(self) -> None:
        """Wait until everything is written. An interrupt waits too: the thread reads memory that is about to go."""
        interrupt = None
        while self._writing is not None and self._writing.is_alive():
            try:
                self._writing.join()
            except KeyboardInterrupt as problem:
                interrupt = problem
        self._writing = None
        if interrupt is not None:
            raise interrupt

    def remarks(self) -> list[str]:
        """What the user should know of that has happened since this was last asked."""
        told, self._remarks = self._remarks, []
        return told

    def _nearest(self, tokens: bytes) -> tuple[SavedSequence | None, int]:
        """The sequence of use that begins as these tokens do for longest, and for how many."""
        found = [(each.shared_with(tokens), each) for each in self._files.of(self._computed_with)]
        of_use = [each for each in found if each[0] >= each[1].count * _LEAST_SHARE]
        shared, best = max(of_use, key=lambda each: each[0], default=(0, None))
        return best, shared

    def _write(self, context: Context, tokens: bytes, size: int) -> None:
        for each in self._files:
            if self._is_stale(each):
                remove(each.path)
        if not self._files.has_room_for(size):
            raise OSError("the disk is nearly full")
        older = [each for each in self._files if self._is_superseded(each, tokens)]
        self._files.add(
            self._title,
            self._computed_with,
            tokens,
            lambda path: context.save(path, tokens),
        )
        for each in older:
            remove(each.path)

    def _is_stale(self, saved: SavedSequence) -> bool:
        """Whether nothing can use it any more: another build of the engine made it, or its model file has changed."""
        theirs, ours = saved.computed_with, self._computed_with
        models = zip(theirs.get("model", ()), ours["model"], strict=False)
        changed = any(their[0] == our[0] and their != our for their, our in models)
        return changed or theirs.get("engine") != ours["engine"]

    def _is_superseded(self, saved: SavedSequence, tokens: bytes) -> bool:
        """Whether these tokens have nearly all that it has."""
        is_ours = saved.computed_with == self._computed_with
        return is_ours and saved.shared_with(tokens) >= saved.count * _SUPERSEDED_SHARE

    def _say(self, why: str) -> None:
        self._remarks.append(f"the computed prompt is not kept for the next time: {why}")


def computed_with(file: ModelFile, plan: Plan) -> dict[str, Any]:
    """All that decides what a KV cache holds, beside the tokens.

    A model file is known by its place, number, size and times: whatever changes its bytes or puts another in its place
    changes one of these, at no cost. Hashing gigabytes before each answer would cost more than is gained.
    """
    return {
        "model": [_identity(each) for each in file.parts],
        "kv": plan.kv_type.value,
        "attention": plan.flash_attention.value,
        "gpu_layers": plan.placement.gpu_layers,
        "yarn": [plan.yarn_original_tokens, plan.limit_tokens]
        if plan.yarn_original_tokens
        else None,
        "engine": [
            version("llama-cpp-python"),
            _identity(Path(bindings()._lib._name)),
            platform.machine(),
            system_info(),
            # turns the rotation of a quantized cache off
            os.environ.get("LLAMA_ATTN_ROT_DISABLE", ""),
        ],
    }


def _identity(path: Path) -> list[str | int]:
    there = path.resolve()
    status = there.stat()
    return [str(there), status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]
