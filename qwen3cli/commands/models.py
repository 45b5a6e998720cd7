"""What `models` and `models show` have to say: values gathered from the floors below, as tables or as JSON."""

from typing import Any

from qwen3cli.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.catalogue import Entry
from qwen3cli.environment import Environment
from qwen3cli.fit import Verdict
from qwen3cli.library import Shelf, as_json
from qwen3cli.planning import Machine, this_machine
from qwen3cli.render.plans import rounded, speed_text, verdict_word
from qwen3cli.render.tables import put_table
from qwen3cli.units import bytes_text, count_text

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
        "demo is built in. Next: qwen3 pull NAME, or qwen3 models show NAME.",
    )


def _put_models(environment: Environment, heading: str, rows: list[dict[str, Any]]) -> None:
    put_table(
        environment,
        (heading, "file", "memory", "tok/s", "context", "on disk", "here"),
        [
            (
                row["name"],
                row["quantization"],
                bytes_text(row["memory_bytes"]),
                speed_text(row["tokens_per_second"]),
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
        here = shelf.store.find(wanted.quantization)
        told = {"name": wanted.name, "on_disk": str(here) if here is not None else None}
        where = f"on this disk: {here}" if here else f"not on this disk: qwen3 pull {wanted.name}"
        text = f"{wanted.name}: a file of the hub that the catalogue does not know\n  {where}\n"
        environment.put(as_json(told) if json else text.encode())
        return
    entry = wanted.entry
    files = [_file_row(shelf, each) for each in machine.of(entry)]
    if json:
        environment.put(as_json(_model_row(shelf, machine, entry) | {"files": files}))
        return
    _facts(environment, entry)
    put_table(
        environment,
        ("file", "size", "memory", "tok/s", "on disk", "here", "digest"),
        [
            (
                row["quantization"],
                bytes_text(row["bytes"]),
                bytes_text(row["memory_bytes"]),
                speed_text(row["tokens_per_second"]),
                "yes" if row["on_disk"] else "",
                row["verdict"],
                row["sha256"][:12] or "from the hub",
            )
            for row in files
        ],
        right=(1, 2, 3),
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
        "memory_bytes": shown.plan.sum.total_bytes,
        "tokens_per_second": rounded(shown.plan.tokens_per_second),
        "native_context": entry.native_context,
        "extended_context": entry.extended_context,
        "on_disk": [each.name for each in shelf.on_disk(entry)],
        "verdict": verdict_word(shown.plan),
    }


def _file_row(shelf: Shelf, verdict: Verdict) -> dict[str, Any]:
    quantization = verdict.quantization
    return {
        "quantization": quantization.name,
        "repository": quantization.repository,
        "revision": quantization.revision,
        "path": quantization.pattern,
        "bytes": verdict.plan.sum.weights_bytes,
        "sha256": quantization.parts[0].sha256 or "" if len(quantization.parts) == 1 else "",
        "memory_bytes": verdict.plan.sum.total_bytes,
        "tokens_per_second": rounded(verdict.plan.tokens_per_second),
        "on_disk": shelf.store.find(quantization) is not None,
        "verdict": verdict_word(verdict.plan),
    }


def _facts(environment: Environment, entry: Entry) -> None:
    experts = f", {entry.experts} experts, {entry.experts_used} used" if entry.experts else ""
    active = f", {count_text(entry.active_parameters)} active" if entry.experts else ""
    extended = f", {count_text(entry.extended_context)} with YaRN" if entry.extended_context else ""
    lines = (
        f"{entry.title}: {count_text(entry.parameters)} million parameters{active}, {entry.license}",
        f"  thinking  {entry.thinking}",
        f"  context   {count_text(entry.native_context)}{extended}",
        f"  layers    {entry.layers}, {entry.heads} heads, {entry.kv_heads} KV heads{experts}",
        "",
    )
    environment.put("".join(line + "\n" for line in lines).encode())


def _note(environment: Environment, text: str) -> None:
    environment.stderr.write(f"{text}\n".encode())


def _context(row: dict[str, Any]) -> str:
    native = f"{row['native_context'] // _THOUSAND}K"
    return (
        f"{native}/{row['extended_context'] // _THOUSAND}K" if row["extended_context"] else native
    )
