"""llama.cpp's model and context as two Python objects that release what they hold.

With `vocabulary`, `logits` and `sampler` the only file that handles their pointers. It knows tokens, bytes and memory; it does not
know text streams, thinking or messages. Native failures become errors of our family here, with llama.cpp's own last words as the reason.
"""

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from qwen3cli.base.errors import BadModelFile, DoesNotFit, EngineFailed, Interrupted
from qwen3cli.base.shortage import is_of_memory
from qwen3cli.base.units import bytes_text
from qwen3cli.engine.bindings import bindings, native_log
from qwen3cli.engine.parameters import context_parameters, model_parameters
from qwen3cli.engine.types import ModelFacts, TokenId
from qwen3cli.engine.vocabulary import Vocabulary
from qwen3cli.machine.attention import CHUNK_TOKENS
from qwen3cli.machine.plan import Plan
from qwen3cli.models.gguf import ModelFile

_FIRST_SEQUENCE = 0
_DECODE_ABORTED = 2  # llama_decode's return value when the abort callback said yes


class Model:
    """The weights and the vocabulary of one GGUF file. Close it, or use it in `with`."""

    def __init__(self, pointer: Any, path: Path) -> None:
        self._llama = bindings()
        self.pointer = pointer
        self.mapped_bytes = 0  # of the file, if it is mapped and not read
        self.vocabulary = Vocabulary(
            self._llama.llama_model_get_vocab(pointer), self._metadata("tokenizer.ggml.pre")
        )
        self.facts = self._read_facts(path)

    @classmethod
    def load(
        cls,
        file: ModelFile,
        plan: Plan,
        progress: Callable[[float], bool] | None = None,
        *,
        mapped: bool = False,
    ) -> Self:
        """Load the file by the plan; `progress` gets the share done (0 to 1) and returns whether to go on. `mapped` takes
        the weights as they lie in the file, for a look and not for speed.

        Raises:
            BadModelFile: llama.cpp refuses the file.
            DoesNotFit: its memory could not be had.
            Interrupted: `progress` said no.
        """
        llama = bindings()
        path = file.path
        native_log().clear()
        watch = _LoadWatch(progress)
        params, _kept_alive = model_parameters(file, plan, mapped=mapped)
        report = llama.llama_progress_callback(lambda share, _data: watch.go_on(share))
        params.progress_callback = report
        pointer = llama.llama_model_load_from_file(os.fsencode(path), params)
        if watch.stopped:
            raise Interrupted(f"interrupted while loading {path.name}")
        if not pointer:
            raise _load_failure(path)
        model = cls(pointer, path)
        if params.load_mode == llama.LLAMA_LOAD_MODE_MMAP:
            model.mapped_bytes = file.bytes
        if not llama.llama_model_has_decoder(pointer):
            model.close()
            raise BadModelFile(
                f"{path.name} is not a text generator", "choose another model with -m"
            )
        return model

    def close(self) -> None:
        """Give the memory back. Contexts made from this model must be closed first. Does nothing while llama.cpp still
        reads the vocabulary: the process is about to end then."""
        if self.pointer and not self.vocabulary.in_use:
            self._llama.llama_model_free(self.pointer)
            self.pointer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_facts(self, path: Path) -> ModelFacts:
        llama, pointer = self._llama, self.pointer
        template = llama.llama_model_chat_template(pointer, None)
        vocabulary = self.vocabulary
        bos, eos = (
            TokenId(token(vocabulary.pointer))
            for token in (llama.llama_vocab_bos, llama.llama_vocab_eos)
        )
        return ModelFacts(
            path=path,
            name=self._metadata("general.name") or path.stem,
            architecture=self._metadata("general.architecture"),
            # `?B` stands for a size that llama.cpp has no name for.
            description=self._text(llama.llama_model_desc).replace(" ?B", ""),
            weights_bytes=int(llama.llama_model_size(pointer)),
            parameters=int(llama.llama_model_n_params(pointer)),
            chat_template=(template or b"").decode("utf-8", "replace"),
            bos_text="" if bos < 0 else vocabulary.piece(bos).decode("utf-8", "replace"),
            eos_text="" if eos < 0 else vocabulary.piece(eos).decode("utf-8", "replace"),
        )

    def _metadata(self, key: str) -> str:
        return self._text(
            lambda pointer, buffer, size: self._llama.llama_model_meta_val_str(
                pointer, key.encode(), buffer, size
            )
        )

    def _text(self, getter: Callable[..., int]) -> str:
        buffer = ctypes.create_string_buffer(512)
        count = getter(self.pointer, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if count > 0 else ""


class _LoadWatch:
    """Passes the progress on and remembers whether it was told to stop."""

    def __init__(self, progress: Callable[[float], bool] | None) -> None:
        self._progress = progress
        self.stopped = False

    def go_on(self, share: float) -> bool:
        """Whether llama.cpp should load the next tensor."""
        self.stopped = self._progress is not None and not self._progress(share)
        return not self.stopped


@dataclass(frozen=True, slots=True)
class Part:
    """Tokens of one sequence that stand at `position`, to be computed."""

    sequence: int
    position: int
    tokens: Sequence[TokenId]


class Context:
    """A KV cache of fixed size on a model, and the computing that fills it. Each of its sequences has room of its own."""

    def __init__(self, model: Model, size_tokens: int, plan: Plan, sequences: int = 1) -> None:
        """Make a context of `size_tokens` for each sequence.

        Raises:
            DoesNotFit: its memory could not be had.
        """
        self._llama = llama = bindings()
        self.size_tokens = size_tokens
        native_log().clear()
        self.pointer = llama.llama_init_from_model(
            model.pointer, context_parameters(size_tokens, plan, sequences)
        )
        if not self.pointer:
            each = f" for each of {sequences}" if sequences > 1 else ""
            raise DoesNotFit(
                f"no memory for a context of {size_tokens:,} tokens{each} ({_last_words()})",
                "ask for a smaller one with --ctx, or store it smaller with --kv q8_0",
            )
        self.vocabulary_tokens = model.vocabulary.size
        self._memory = llama.llama_get_memory(self.pointer)
        self._batch = llama.llama_batch_init(CHUNK_TOKENS, 0, 1)
        self._abort = llama.ggml_abort_callback()

    def close(self) -> None:
        """Give the memory back."""
        if self.pointer:
            self._llama.llama_batch_free(self._batch)
            self._llama.llama_free(self.pointer)
            self.pointer = None

    def decode(self, *parts: Part) -> bool:
        """Compute up to CHUNK_TOKENS tokens, all parts together; logits are kept for the last one of each.

        Returns False if the abort callback stopped it: the cache then holds an unknown part of the tokens.

        Raises:
            EngineFailed: llama.cpp failed.
        """
        batch, index = self._batch, 0
        for part in parts:
            for position, token in enumerate(part.tokens, part.position):
                batch.token[index] = token
                batch.pos[index] = position
                batch.n_seq_id[index] = 1
                batch.seq_id[index][0] = part.sequence
                batch.logits[index] = False
                index += 1
            batch.logits[index - 1] = True
        batch.n_tokens = index
        status = self._llama.llama_decode(self.pointer, batch)
        if status not in (0, _DECODE_ABORTED):
            raise EngineFailed(f"llama.cpp failed with status {status} ({_last_words()})")
        return bool(status == 0)

    def abort_when(self, asked: Callable[[], bool] | None) -> None:
        """Let `asked` stop a decode half way, or nobody (None). It costs a call per graph node, so: prefill only."""
        callback = self._llama.ggml_abort_callback
        self._abort = callback() if asked is None else callback(lambda _data: asked())
        self._llama.llama_set_abort_callback(self.pointer, self._abort, None)

    def forget_from(self, position: int, sequence: int = 0) -> bool:
        """Drop a sequence from `position` on. False if this kind of model cannot; the sequence is then empty."""
        if self._llama.llama_memory_seq_rm(self._memory, sequence, position, -1):
            return True
        self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return position == 0

    def state(self, sequence: int = 0) -> Any:
        """A sequence's content as a byte buffer, exact to the bit."""
        size = self._llama.llama_state_seq_get_size(self.pointer, sequence)
        buffer = (ctypes.c_uint8 * size)()
        self._llama.llama_state_seq_get_data(self.pointer, buffer, size, sequence)
        return buffer

    def restore(self, state: Any, sequence: int = 0) -> None:
        """Take over the content of another sequence, or of another context of the same model."""
        taken = self._llama.llama_state_seq_set_data(self.pointer, state, len(state), sequence)
        if not taken:
            raise EngineFailed(f"llama.cpp cannot restore a KV cache ({_last_words()})")

    @property
    def state_bytes(self) -> int:
        """How large the cache's content is."""
        return int(self._llama.llama_state_seq_get_size(self.pointer, _FIRST_SEQUENCE))

    def save(self, path: Path, tokens: bytes) -> int:
        """Write the cache's content to a file, layer by layer. Returns its length; 0: it could not be written."""
        count = len(tokens) // ctypes.sizeof(self._llama.llama_token)
        given = (self._llama.llama_token * count).from_buffer_copy(tokens)
        save = self._llama.llama_state_seq_save_file
        return int(save(self.pointer, os.fsencode(path), _FIRST_SEQUENCE, given, count))

    def load(self, path: Path, most_tokens: int) -> list[TokenId]:
        """Take over what `save` has written. Returns its tokens; empty, with an empty cache, if that cannot be."""
        tokens, count = (self._llama.llama_token * most_tokens)(), ctypes.c_size_t()
        load = self._llama.llama_state_seq_load_file
        name, room = os.fsencode(path), ctypes.byref(count)
        if load(self.pointer, name, _FIRST_SEQUENCE, tokens, most_tokens, room):
            return list(tokens[: count.value])
        self._llama.llama_memory_clear(self._memory, True)
        return []


def _last_words() -> str:
    errors = native_log().errors
    return errors[-1].strip() if errors else "llama.cpp gave no reason"


def _load_failure(path: Path) -> Exception:
    if is_of_memory(" ".join(native_log().errors)):
        size = bytes_text(path.stat().st_size)
        return DoesNotFit(
            f"{path.name} ({size}) does not fit in memory",
            "take a smaller quantization or a smaller model: qwen3 fit shows what fits",
        )
    return BadModelFile(
        f"llama.cpp cannot load {path.name}: {_reason(native_log().errors)}",
        "see --verbose for llama.cpp's log, or download the file again",
    )


def _reason(errors: Sequence[str]) -> str:
    """The first error line is the cause, later ones only say who gave up; the function's name in front helps nobody."""
    first = next(iter(errors), "no reason given")
    return first.split(": ", 1)[-1].removeprefix("error loading model: ").strip()
