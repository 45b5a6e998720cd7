"""Bring a model file to life, in one straight way.

    file -> headers, read once -> a plan -> the weights, loaded by it -> checks -> a loaded model

`prepare` ends with the plan, which is a value to look at; `load_model` follows it. Where a GPU's memory could not be
had after all, the smaller plan is followed the same way. Everything that can be wrong with a file is found here, before
a token is computed.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from qwen3cli.base.errors import BadModelFile, DoesNotFit
from qwen3cli.dialogue.prompt import ChatTemplate
from qwen3cli.dialogue.templates import TemplateRenderer
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.kv_files import KvFiles
from qwen3cli.engine.llama import Context, Model
from qwen3cli.engine.saved_kv import SavedKv, computed_with
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.machine.hardware import check_threads
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Plan, Resources, plan_for
from qwen3cli.models.choice import Choice
from qwen3cli.models.gguf import ModelFile, read_model
from qwen3cli.turn.loaded_model import LoadedModel, has_room


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chosen file, its headers, and the plan to load it by. `seconds` is what reading them took."""

    choice: Choice
    file: ModelFile
    plan: Plan
    seconds: float


def prepare(choice: Choice, options: LoadOptions, resources: Resources) -> Prepared:
    """Read the headers of the chosen file, and plan how it is run with what there is.

    Raises:
        BadModelFile: damaged, or not a GGUF.
        UsageProblem: the context asked for is longer than the model can use.
    """
    started = time.perf_counter()
    file = read_model(choice.path)
    shape = shape_of_file(file, choice.native_context_tokens, choice.extended_context_tokens)
    plan = plan_for(shape, resources, options)
    return Prepared(choice, file, plan, time.perf_counter() - started)


def load_model(
    prepared: Prepared, progress: Callable[[float], bool], kv_files: KvFiles | None = None
) -> LoadedModel:
    """Load by the plan. Close it when done with it.

    `progress` gets the share of the weights loaded and returns whether to go on. `kv_files` is where computed prompts are
    kept from one process to the next, if anywhere.

    Raises:
        BadModelFile: damaged, foreign, hostile, or without a chat template.
        DoesNotFit: this machine has not enough memory.
    """
    started = time.perf_counter()
    with ExitStack() as opened:
        renderer = opened.enter_context(TemplateRenderer())
        model, plan = followed(prepared.plan, partial(_load, prepared, progress))
        opened.enter_context(model)
        _check(model, plan.limit_tokens)
        template = _template(model, renderer)
        saved = None
        if kv_files is not None:
            saved = SavedKv(kv_files, prepared.choice.title, computed_with(prepared.file, plan))
        cache = KvCache(model, plan, lambda tokens: has_room(plan, model, tokens), saved)
        opened.callback(cache.close)
        seconds = prepared.seconds + time.perf_counter() - started
        return LoadedModel(model, cache, template, plan, seconds, opened.pop_all().close)


def followed(plan: Plan, load: Callable[[Plan], Model]) -> tuple[Model, Plan]:
    """The model loaded by the plan or, if the GPU's memory could not be had, by the smaller one; and by which it was.

    Free memory is what the driver says at that moment, and another program may take it a moment later.

    Raises:
        DoesNotFit: there is no smaller plan, or it did not fit either.
    """
    try:
        return load(plan), plan
    except DoesNotFit:
        smaller = plan.smaller()
        if smaller is None:
            raise
    return followed(smaller, load)


def _load(prepared: Prepared, progress: Callable[[float], bool], plan: Plan) -> Model:
    """The model and, if layers are on a GPU, the proof that a context has room there too."""
    plan.check_weights(prepared.choice.title, prepared.choice.spec)
    check_threads(plan.threads)
    model = Model.load(prepared.file, plan, progress)
    if plan.placement.gpu_layers:
        try:
            Context(model, min(plan.tokens, DEFAULT_CONTEXT_TOKENS), plan).close()
        except DoesNotFit:
            model.close()
            raise
    return model


def _check(model: Model, context_tokens: int) -> None:
    if not model.facts.chat_template:
        raise BadModelFile(
            f"{model.facts.path.name} has no chat template: it is a base model or was converted without one",
            "take an instruction-tuned GGUF, for example --size 4b",
        )
    if context_tokens < 1:
        raise BadModelFile(f"{model.facts.path.name} says that its context holds no token")


def _template(model: Model, renderer: TemplateRenderer) -> ChatTemplate:
    facts = model.facts
    return ChatTemplate(
        lambda renders: renderer.render(facts.chat_template, renders),
        facts.bos_text,
        facts.eos_text,
    )
