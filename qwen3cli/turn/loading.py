"""Bring a model file to life: check it, load it, open its template, give it a KV cache.

Everything that can be wrong with a file is found here, before a token is computed.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from qwen3cli.base.errors import BadModelFile, DoesNotFit, UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.dialogue.prompt import ChatTemplate
from qwen3cli.dialogue.templates import TemplateRenderer
from qwen3cli.engine.devices import devices, supports_gpu
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.llama import Context, Model
from qwen3cli.engine.types import LoadOptions
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS, uses_flash_attention
from qwen3cli.machine.hardware import memory, performance_cores
from qwen3cli.machine.memory import SPARE_BYTES, ModelShape, shape_of_files
from qwen3cli.models.choice import Choice
from qwen3cli.models.gguf import parts_of, read_header, weights_bytes
from qwen3cli.turn.offload import load_offloaded
from qwen3cli.turn.planning import usable_gpu
from qwen3cli.turn.turn import Dialogue

# Below this, one thread decodes faster than two (measured on the demo model, 1.8 MB: see the README).
_TINY_BYTES = 16 * 2**20


def open_dialogue(
    choice: Choice, options: LoadOptions, progress: Callable[[float], bool]
) -> Dialogue:
    """Load the chosen file. Close the dialogue when done with it.

    `progress` gets the share of the weights loaded and returns whether to go on.

    Raises:
        BadModelFile: damaged, foreign, hostile, or without a chat template.
        DoesNotFit: this machine has not enough memory.
        UsageProblem: the context asked for is longer than the model can use.
    """
    started = time.perf_counter()
    options = replace(options, threads=options.threads or _suitable_threads(choice))
    with ExitStack() as opened:
        renderer = opened.enter_context(TemplateRenderer())
        gpu = usable_gpu(devices()) if supports_gpu() else None
        loaded = load_offloaded(
            lambda tried: _load(choice, tried, progress), lambda: _shape(choice), options, gpu
        )
        model = opened.enter_context(loaded.model)
        _check(model)
        options = _stretched(choice, loaded.options, model.facts.trained_context_tokens)
        source = model.facts.chat_template
        template = ChatTemplate(
            lambda renders: renderer.render(source, renders),
            model.facts.bos_text,
            model.facts.eos_text,
        )
        cache = KvCache(
            model,
            options,
            lambda tokens: _context_fits(model, options, tokens),
            choice.extended_context_tokens,
        )
        opened.callback(cache.close)
        seconds = time.perf_counter() - started
        close = opened.pop_all().close
        return Dialogue(model, cache, template, seconds, close, loaded.notice)


def _load(choice: Choice, options: LoadOptions, progress: Callable[[float], bool]) -> Model:
    """The model and, if layers are on a GPU, the proof that a context has room there too."""
    if not _offloads(options):
        _check_weights_fit(choice)
    model = Model.load(choice.path, options, progress)
    if _offloads(options):
        try:
            Context(model, DEFAULT_CONTEXT_TOKENS, options).close()
        except DoesNotFit:
            model.close()
            raise
    return model


def _offloads(options: LoadOptions) -> bool:
    return bool(options.gpu_layers) and supports_gpu()


def _shape(choice: Choice) -> ModelShape:
    return shape_of_files([read_header(part) for part in parts_of(choice.path)])


def _suitable_threads(choice: Choice) -> int:
    """The fast physical cores, since threads that share one slow each other down, and slow ones the fast; for a tiny model a single one, since the
    threads would wait for each other longer than they compute."""
    return 1 if weights_bytes(choice.path) < _TINY_BYTES else performance_cores()


def _check_weights_fit(choice: Choice) -> None:
    """Refuse weights that memory cannot hold, before they push everything else out of it."""
    weights, free = weights_bytes(choice.path), memory().available_bytes
    if weights + SPARE_BYTES > free:
        raise DoesNotFit(
            f"{choice.title} needs {bytes_text(weights)} for its weights alone, and {bytes_text(free)} of memory is free",
            "take a smaller quantization or size: qwen3 fit shows what fits",
        )


def _context_fits(model: Model, options: LoadOptions, context_tokens: int) -> bool:
    if _offloads(options):
        return True  # it is on the GPU, and llama.cpp says if it is not
    flash = uses_flash_attention(options.context_limit_tokens, options.kv_type)
    wanted = model.facts.attention.attention_bytes(context_tokens, options.kv_type, flash=flash)
    # A mapped file counts as memory that can be had, but the model would be slow without it.
    return wanted + model.mapped_bytes + SPARE_BYTES <= memory().available_bytes


def _check(model: Model) -> None:
    facts = model.facts
    if not facts.chat_template:
        raise BadModelFile(
            f"{facts.path.name} has no chat template: it is a base model or was converted without one",
            "take an instruction-tuned GGUF, for example --size 4b",
        )
    if facts.trained_context_tokens < 1:
        raise BadModelFile(f"{facts.path.name} says that its context holds no token")


def _stretched(choice: Choice, options: LoadOptions, trained_tokens: int) -> LoadOptions:
    """The options, with YaRN where the context asked for is longer than the file's and the model can be stretched.
    By no more than that: it costs a little accuracy on short texts (Qwen documentation, "Long context")."""
    wanted = options.context_limit_tokens
    if wanted is None or wanted <= trained_tokens:
        return options
    longest = choice.extended_context_tokens or trained_tokens
    if wanted > longest:
        raise UsageProblem(
            f"--ctx {wanted:,} is longer than the {longest:,} tokens this model was made for",
            f"ask for --ctx {longest} or less",
        )
    return replace(options, yarn_original_tokens=choice.native_context_tokens)
