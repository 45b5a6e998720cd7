"""What `models`, `fit` and `pull` have to say: values gathered from the floors below, as tables or as JSON."""

from typing import Any

from qwen3cli.catalogue import Entry, Source
from qwen3cli.environment import Environment
from qwen3cli.errors import DoesNotFit, ExitCode
from qwen3cli.fit import DEFAULT_CONTEXT_TOKENS, KvType, Verdict, best_quantization
from qwen3cli.library import Shelf, as_json
from qwen3cli.planning import Machine, this_machine
from qwen3cli.render.tables import put_table
from qwen3cli.units import bytes_text, count_text, rate_text

_THOUSAND = 1024


def models(environment: Environment, *, json: bool) -> None:
    """Every model: memory, speed, context, what is here, and whether it runs on this machine."""
    shelf, machine = Shelf(environment), this_machine()
    rows = [_model_row(shelf, machine, entry) for entry in shelf.catalogue]
    if json:
        environment.put(as_json(rows))
        return
    hybrids = [row for row in rows if row["thinking"] == "hybrid"]
    others = [row for row in rows if row["thinking"] != "hybrid"]
    _put_models(environment, "model", hybrids)
    environment.put(b"\n")
    _put_models(environment, "not hybrid", others)
    licenses = ", ".join(sorted({row["license"] for row in rows}))
    _note(
        environment,
        f"Memory and speed at {count_text(DEFAULT_CONTEXT_TOKENS)} tokens of context; {licenses}.",
    )
    _note(
        environment,
        "demo is built in. qwen3 pull NAME fetches one, qwen3 models show NAME lists its files.",
    )


def _put_models(environment: Environment, heading: str, rows: list[dict[str, Any]]) -> None:
    put_table(
        environment,
        (heading, "file", "memory", "speed", "context", "on disk", "here"),
        [
            (
                row["name"],
                row["quantization"],
                bytes_text(row["memory_bytes"]),
                _speed(row["tokens_per_second"]),
                _context(row),
                ", ".join(row["on_disk"]),
                row["verdict"],
            )
            for row in rows
        ],
        right=(2, 3, 4),
    )


def model(environment: Environment, spec: str, *, json: bool) -> None:
    """One model: its facts and every quantization."""
    shelf, machine = Shelf(environment), this_machine()
    wanted = shelf.wanted(spec)
    if wanted.entry is None:
        environment.put(as_json(shelf.dry_run(wanted, Source.HUGGINGFACE)))
        return
    entry = wanted.entry
    files = [_file_row(shelf, each) for each in machine.of(entry)]
    if json:
        environment.put(as_json(_model_row(shelf, machine, entry) | {"files": files}))
        return
    _facts(environment, entry)
    put_table(
        environment,
        ("file", "size", "memory", "speed", "on disk", "here", "digest"),
        [
            (
                row["quantization"],
                bytes_text(row["bytes"]),
                bytes_text(row["memory_bytes"]),
                _speed(row["tokens_per_second"]),
                "yes" if row["on_disk"] else "",
                row["verdict"],
                row["sha256"][:12] or "from the hub",
            )
            for row in files
        ],
        right=(1, 2, 3),
    )


def fit(
    environment: Environment, spec: str | None, context_tokens: int, kv: KvType, *, json: bool
) -> ExitCode:
    """The sum for one model, or the best quantization of each.

    Raises:
        DoesNotFit: the model asked for does not fit; names the nearest that does.
    """
    shelf, machine = Shelf(environment), this_machine()
    if spec is None:
        return _fit_all(environment, shelf, machine, context_tokens, kv, json=json)
    wanted = shelf.wanted(spec)
    if wanted.entry is None:
        raise DoesNotFit(
            f"{spec} is not in the catalogue, so its shape is not known",
            "qwen3 models lists what is",
        )
    verdicts = machine.of(wanted.entry, context_tokens, kv)
    named = ":" in spec
    if named:
        chosen: Verdict | None = next(
            each for each in verdicts if each.quantization == wanted.quantization
        )
    else:
        chosen = best_quantization(verdicts, wanted.entry.default)
    if chosen is None or not chosen.fits:
        raise _no_fit(spec, chosen or verdicts[0], machine, shelf, context_tokens)
    environment.put(as_json(_sum_row(chosen)) if json else _sum_text(chosen, kv).encode())
    return ExitCode.DONE


def _fit_all(
    environment: Environment,
    shelf: Shelf,
    machine: Machine,
    context_tokens: int,
    kv: KvType,
    *,
    json: bool,
) -> ExitCode:
    best = [
        best_quantization(verdicts, entry.default) or verdicts[0]
        for entry in shelf.catalogue
        if entry.thinking == "hybrid" and (verdicts := machine.of(entry, context_tokens, kv))
    ]
    if json:
        environment.put(as_json([_sum_row(each) for each in best]))
        return ExitCode.DONE
    put_table(
        environment,
        ("model", "weights", "KV cache", "compute", "in all", "free", "speed", "here"),
        [
            (
                f"{each.entry.name}:{each.quantization.name}",
                bytes_text(each.sum.weights_bytes),
                bytes_text(each.sum.kv_bytes),
                bytes_text(each.sum.compute_bytes + each.sum.process_bytes),
                bytes_text(each.sum.total_bytes),
                bytes_text(each.free_bytes),
                _speed(each.tokens_per_second),
                _word(each),
            )
            for each in best
        ],
        right=(1, 2, 3, 4, 5, 6),
    )
    advice = machine.recommended(shelf.catalogue)
    if advice is not None:
        _note(environment, f"Recommended here: qwen3 chat --size {advice.entry.name}")
    return ExitCode.DONE


def _no_fit(
    spec: str, least: Verdict, machine: Machine, shelf: Shelf, context_tokens: int
) -> DoesNotFit:
    fitting = [each for each in machine.verdicts(shelf.catalogue, context_tokens) if each.fits]
    same = [each for each in fitting if each.entry == least.entry]
    hybrids = [each for each in fitting if each.entry.thinking == "hybrid"]
    nearest = max(same or hybrids, key=lambda each: each.sum.total_bytes, default=None)
    hint = (
        f"the nearest that fits: --size {nearest.entry.name}:{nearest.quantization.name}"
        if nearest
        else "--size demo"
    )
    needs, free = bytes_text(least.sum.total_bytes), bytes_text(least.free_bytes)
    return DoesNotFit(
        f"{spec} needs {needs} at {count_text(context_tokens)} tokens, and {free} are free", hint
    )


def _model_row(shelf: Shelf, machine: Machine, entry: Entry) -> dict[str, Any]:
    best = machine.best_of(entry)
    shown = best or next(
        each for each in machine.of(entry) if each.quantization.name == entry.default
    )
    return {
        "name": entry.name,
        "title": entry.title,
        "thinking": entry.thinking,
        "license": entry.license,
        "parameters_millions": entry.parameters,
        "quantization": shown.quantization.name,
        "memory_bytes": shown.sum.total_bytes,
        "tokens_per_second": _rounded(shown.tokens_per_second),
        "native_context": entry.native_context,
        "extended_context": entry.extended_context,
        "on_disk": [each.name for each in shelf.on_disk(entry)],
        "verdict": _word(shown),
    }


def _file_row(shelf: Shelf, verdict: Verdict) -> dict[str, Any]:
    quantization = verdict.quantization
    return {
        "quantization": quantization.name,
        "repository": quantization.repository,
        "revision": quantization.revision,
        "path": quantization.pattern,
        "bytes": verdict.sum.weights_bytes,
        "sha256": quantization.parts[0].sha256 or "" if len(quantization.parts) == 1 else "",
        "memory_bytes": verdict.sum.total_bytes,
        "tokens_per_second": _rounded(verdict.tokens_per_second),
        "on_disk": shelf.store.find(quantization) is not None,
        "verdict": _word(verdict),
    }


def _sum_row(verdict: Verdict) -> dict[str, Any]:
    return {
        "model": f"{verdict.entry.name}:{verdict.quantization.name}",
        "context_tokens": verdict.context_tokens,
        "weights_bytes": verdict.sum.weights_bytes,
        "kv_bytes": verdict.sum.kv_bytes,
        "compute_bytes": verdict.sum.compute_bytes,
        "process_bytes": verdict.sum.process_bytes,
        "total_bytes": verdict.sum.total_bytes,
        "free_bytes": verdict.free_bytes,
        "tokens_per_second": _rounded(verdict.tokens_per_second),
        "fits": verdict.fits,
    }


def _sum_text(verdict: Verdict, kv: KvType) -> str:
    parts = verdict.sum
    lines = [
        f"{verdict.entry.title} {verdict.quantization.name} at {count_text(verdict.context_tokens)} tokens of context",
        f"  weights   {bytes_text(parts.weights_bytes)}",
        f"  KV cache  {bytes_text(parts.kv_bytes)} ({verdict.entry.layers} layers, {verdict.entry.kv_heads} KV heads, {kv})",
        f"  compute   {bytes_text(parts.compute_bytes)}",
        f"  process   {bytes_text(parts.process_bytes)}",
        f"  in all    {bytes_text(parts.total_bytes)} of {bytes_text(verdict.free_bytes)} free: {_word(verdict)}",
        f"  speed     {_speed(verdict.tokens_per_second)}, as far as memory bandwidth allows",
    ]
    return "\n".join(lines) + "\n"


def _facts(environment: Environment, entry: Entry) -> None:
    experts = (
        f", {entry.experts} experts of which {entry.experts_used} are used" if entry.experts else ""
    )
    extended = f", {count_text(entry.extended_context)} with YaRN" if entry.extended_context else ""
    lines = (
        f"{entry.title}: {count_text(entry.parameters)} million parameters, {entry.license}",
        f"  thinking  {entry.thinking}",
        f"  context   {count_text(entry.native_context)}{extended}",
        f"  layers    {entry.layers}, {entry.heads} heads, {entry.kv_heads} KV heads{experts}",
        "",
    )
    environment.put("".join(line + "\n" for line in lines).encode())


def _note(environment: Environment, text: str) -> None:
    environment.stderr.write(f"{text}\n".encode())


def _word(verdict: Verdict) -> str:
    if not verdict.fits:
        return "too large"
    return "fits" if verdict.is_comfortable else "fits, slow"


def _speed(tokens_per_second: float | None) -> str:
    return "" if tokens_per_second is None else rate_text(tokens_per_second)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _context(row: dict[str, Any]) -> str:
    native = f"{row['native_context'] // _THOUSAND}K"
    return (
        f"{native}/{row['extended_context'] // _THOUSAND}K" if row["extended_context"] else native
    )
