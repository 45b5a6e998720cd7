"""`fit`: what this machine can run, with the sum."""

from dataclasses import replace

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import BadModelFile, UsageProblem
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.machine.plan import LoadOptions, Plan
from qwen3cli.machine.verdicts import Verdict, best_quantization
from qwen3cli.models.choice import Choice, NotOnDisk, choose, is_demo, is_path
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json
from qwen3cli.render.plans import (
    plan_row,
    plan_text,
    recommendation_text,
    speed_text,
    verdict_word,
)
from qwen3cli.render.tables import put_table
from qwen3cli.turn.loading import prepare
from qwen3cli.turn.this_machine import this_machine


def run_fit(
    environment: Environment, spec: str | None, options: LoadOptions, *, json: bool
) -> None:
    """The sum for one model or one file, or the best quantization of each size.

    Raises:
        DoesNotFit: the model asked for does not fit: its sum is printed, and the command named that runs the nearest.
        ModelNotFound, BadModelFile: there is no such model, or it is damaged.
        UsageProblem: it cannot read so long a context.
    """
    if spec is None:
        _fit_all(environment, options, json=json)
    elif is_path(spec) or is_demo(spec):
        _fit_file(environment, choose(spec, environment.variables), options, json=json)
    else:
        _fit_one(environment, spec, options, json=json)


def _fit_all(environment: Environment, options: LoadOptions, *, json: bool) -> None:
    library, machine = Library(environment.variables), this_machine(environment.variables)
    best = [
        machine.best_of(entry, options) or machine.of(entry, options)[0]
        for entry in library.catalogue
        if entry.thinking == "hybrid" and entry.longest_context >= (options.context_tokens or 0)
    ]
    if not best:
        raise UsageProblem(
            f"no model reads {count_text(options.context_tokens or 0)} tokens",
            "qwen3 models shows how many each reads",
        )
    if json:
        environment.stdout.put(as_json([plan_row(each.name, each.plan) for each in best]))
        return
    put_table(
        environment,
        ("model", "weights", "KV cache", "compute", "in all", "tok/s", "here"),
        [_row(each) for each in best],
        right=(1, 2, 3, 4, 5),
    )
    free = bytes_text(machine.resources.free_bytes)
    tokens = options.context_tokens or DEFAULT_CONTEXT_TOKENS
    note = f"{count_text(tokens)} tokens of context; {free} of memory is free.\n"
    advice = machine.recommended(library.catalogue, options)
    environment.stderr.put(note + recommendation_text(advice))


def _row(verdict: Verdict) -> tuple[str, ...]:
    plan = verdict.plan
    return (
        verdict.name,
        bytes_text(plan.sum.weights_bytes),
        bytes_text(plan.sum.kv_bytes),
        bytes_text(plan.sum.compute_bytes + plan.sum.process_bytes),
        bytes_text(plan.sum.total_bytes),
        speed_text(plan.tokens_per_second),
        verdict_word(plan),
    )


def _fit_file(
    environment: Environment, choice: Choice, options: LoadOptions, *, json: bool
) -> None:
    machine = this_machine(environment.variables)
    plan = prepare(choice, options, machine.resources).plan
    if plan.limit_tokens < 1:
        raise BadModelFile(f"{choice.spec} does not say how long its context is")
    _put(environment, choice.spec, plan, json=json)
    if not plan.fits:
        catalogue = Library(environment.variables).catalogue
        raise machine.file_refusal(choice.spec, plan, options, catalogue)


def _fit_one(environment: Environment, spec: str, options: LoadOptions, *, json: bool) -> None:
    library, machine = Library(environment.variables), this_machine(environment.variables)
    ref = library.resolve(spec)
    here = library.store.find(ref.quantization)
    if ref.entry is None:
        if here is None:
            raise NotOnDisk(ref)
        _fit_file(environment, ref.at(here), options, json=json)
        return
    verdicts = machine.of(ref.entry, options)
    chosen = next(each for each in verdicts if each.quantization == ref.quantization)
    if here is not None:
        chosen = replace(chosen, plan=prepare(ref.at(here), options, machine.resources).plan)
    elif not ref.is_exact:
        chosen = best_quantization(verdicts, ref.entry.default) or chosen
    _put(environment, chosen.name, chosen.plan, json=json)
    if not chosen.plan.fits:
        raise machine.refusal(chosen, options, library.catalogue)


def _put(environment: Environment, name: str, plan: Plan, *, json: bool) -> None:
    row = plan_row(name, plan)
    environment.stdout.put(as_json(row) if json else plan_text(name, plan))
