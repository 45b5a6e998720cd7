"""`models show`: one model, its facts and every file it can be had as."""

from dataclasses import asdict
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.commands.models.list import UNPINNED, explain_unpinned, model_row
from qwen3cli.machine.verdicts import Verdict
from qwen3cli.models.catalogue import Entry
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json
from qwen3cli.render.plans import rounded, speed_text, verdict_word
from qwen3cli.render.tables import put_table
from qwen3cli.turn.this_machine import this_machine

_DIGITS_SHOWN = 12


def run_show(environment: Environment, spec: str, *, json: bool) -> None:
    """One model: its facts and every quantization."""
    library, machine = Library(environment.variables), this_machine(environment.variables)
    ref = library.resolve(spec)
    if ref.entry is None:
        here = library.store.find(ref.quantization)
        told = {"name": ref.name, "on_disk": str(here) if here is not None else None}
        where = f"on this disk: {here}" if here else f"not on this disk: qwen3 pull {ref.name}"
        text = f"{ref.name}: a file of the hub that the catalogue does not know\n  {where}\n"
        environment.stdout.put(as_json(told) if json else text)
        return
    entry = ref.entry
    files = [_file_row(library, each) for each in machine.of(entry)]
    if json:
        environment.stdout.put(as_json(model_row(library, machine, entry) | {"files": files}))
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
                _digest_text(row),
            )
            for row in files
        ],
        right=(1, 2, 3),
    )
    explain_unpinned(environment, files)


def _file_row(library: Library, verdict: Verdict) -> dict[str, Any]:
    quantization = verdict.quantization
    return {
        "quantization": quantization.name,
        "repository": quantization.repository,
        "revision": quantization.revision,
        "path": quantization.pattern,
        "bytes": verdict.plan.sum.weights_bytes,
        "sha256": quantization.parts[0].sha256 or "" if len(quantization.parts) == 1 else "",
        "pinned": quantization.is_pinned,
        "parts": [asdict(part) for part in quantization.parts],
        "memory_bytes": verdict.plan.sum.total_bytes,
        "tokens_per_second": rounded(verdict.plan.tokens_per_second),
        "on_disk": library.store.find(quantization) is not None,
        "verdict": verdict_word(verdict.plan),
    }


def _digest_text(row: dict[str, Any]) -> str:
    if not row["pinned"]:
        return UNPINNED
    return row["sha256"][:_DIGITS_SHOWN] or f"of {len(row['parts'])} parts"


def _sources(entry: Entry) -> list[str]:
    """The repositories a model's files are in; behind those but the first, which files."""
    files: dict[str, list[str]] = {}
    for each in entry.quantizations:
        files.setdefault(each.repository, []).append(each.name)
    first, *others = files
    return [first, *(f"{other}: {', '.join(files[other])}" for other in others)]


def _facts(environment: Environment, entry: Entry) -> None:
    experts = f", {entry.experts} experts, {entry.experts_used} used" if entry.experts else ""
    active = f", {count_text(entry.active_parameters)} active" if entry.experts else ""
    trained = (
        f", trained on {count_text(entry.native_context)}"
        if entry.native_context != entry.file_context
        else ""
    )
    extended = f", {count_text(entry.extended_context)} with YaRN" if entry.extended_context else ""
    lines = (
        f"{entry.title}: {count_text(entry.parameters)} million parameters{active}, {entry.license}",
        f"  thinking  {entry.thinking}",
        f"  context   {count_text(entry.file_context)}{trained}{extended}",
        f"  layers    {entry.layers}, {entry.heads} heads, {entry.kv_heads} KV heads{experts}",
        "  from      " + "\n            ".join(_sources(entry)),
        "",
    )
    environment.stdout.put("".join(line + "\n" for line in lines))
