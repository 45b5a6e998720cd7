"""`fit`: what this machine can run, with the sum."""

from dataclasses import replace
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import DoesNotFit, UsageProblem
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.memory import Verdict, best_quantization, plan_for, shape_of_files
from qwen3cli.models.catalogue import Entry
from qwen3cli.models.choice import DEMO_NAME, NotOnDisk, choose, is_path
from qwen3cli.models.gguf import parts_of, read_header
from qwen3cli.models.library import Library
from qwen3cli.render.envelope import as_json
from qwen3cli.render.plans import plan_row, plan_text, speed_text, verdict_word
from qwen3cli.render.tables import put_table
from qwen3cli.turn.planning import this_machine


def run_fit(
    environment: Environment, spec: str | None, context_tokens: int, kv: KvType, *, json: bool
) -> None:
    """The sum for one model or one file, or the best quantization of each size.

    Raises:
        DoesNotFit: the model asked for does not fit; names the nearest that does.
        ModelNotFound, BadModelFile: there is no such model, or it is damaged.
    """
    if spec is None:
        _fit_all(environment, context_tokens, kv, json=json)
    elif is_path(spec) or spec == DEMO_NAME:
        path = choose(spec, environment.variables).path
        _fit_file(environment, path, context_tokens, kv, json=json)
    else:
        _fit_one(environment, spec, context_tokens, kv, json=json)


def _fit_all(environment: Environment, context_tokens: int, kv: KvType, *, json: bool) -> None:
    library, machine = Library(environment.variables), this_machine()
    best = [
        best_quantization(verdicts, entry.default) or verdicts[0]
        for entry in library.catalogue
        if entry.thinking == "hybrid"
        and entry.longest_context >= context_tokens
        and (verdicts := machine.of(entry, context_tokens, kv))
    ]
    if not best:
        raise UsageProblem(
            f"no model reads {context_tokens:,} tokens", "qwen3 models shows how many"
        )
    if json:
        environment.put(as_json([plan_row(each.name, each.plan) for each in best]))
        return
    put_table(
        environment,
        ("model", "weights", "KV cache", "compute", "in all", "tok/s", "here"),
        [_row(each) for each in best],
        right=(1, 2, 3, 4, 5),
    )
    free = bytes_text(machine.resources.free_bytes)
    note = f"{count_text(context_tokens)} tokens of context; {free} of memory are free.\n"
    advice = machine.recommended(library.catalogue, context_tokens, kv)
    if advice is not None:
        note += f"Recommended here: qwen3 chat --size {advice.entry.name}\n"
    environment.stderr.write(note.encode())


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
    environment: Environment, path: Path, context_tokens: int, kv: KvType, *, json: bool
) -> None:
    shape = shape_of_files([read_header(part) for part in parts_of(path)])
    plan = plan_for(shape, this_machine().resources, context_tokens, kv)
    text = plan_text(path.name, plan, shape.attention.layers)
    environment.put(as_json(plan_row(str(path), plan)) if json else text.encode())
    if not plan.fits:
        needs, free = bytes_text(plan.main_bytes), bytes_text(plan.free_bytes)
        raise DoesNotFit(
            f"{path.name} needs {needs}, and {free} are free", "--kv q8_0, or a smaller --ctx"
        )


def _fit_one(
    environment: Environment, spec: str, context_tokens: int, kv: KvType, *, json: bool
) -> None:
    library, machine = Library(environment.variables), this_machine()
    ref = library.resolve(spec)
    here = library.store.find(ref.quantization)
    if ref.entry is None:
        if here is None:
            raise NotOnDisk(ref)
        _fit_file(environment, here, context_tokens, kv, json=json)
        return
    _check_context(ref.entry, context_tokens)
    verdicts = machine.of(ref.entry, context_tokens, kv)
    asked = next(each for each in verdicts if each.quantization == ref.quantization)
    if here is not None:
        shape = shape_of_files([read_header(part) for part in parts_of(here)])
        asked = replace(asked, plan=plan_for(shape, machine.resources, context_tokens, kv))
        verdicts = [asked]
    chosen = asked if ":" in spec else best_quantization(verdicts, ref.entry.default) or asked
    if not chosen.plan.fits:
        raise machine.refusal(spec, chosen, library.catalogue)
    text = plan_text(chosen.name, chosen.plan, ref.entry.layers)
    environment.put(as_json(plan_row(chosen.name, chosen.plan)) if json else text.encode())


def _check_context(entry: Entry, context_tokens: int) -> None:
    if context_tokens > entry.longest_context:
        raise UsageProblem(
            f"{entry.title} reads at most {entry.longest_context:,} tokens, not {context_tokens:,}",
            f"ask for --ctx {entry.longest_context} or less",
        )
