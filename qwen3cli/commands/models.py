"""`models`: what there is, what is here, is it whole; as tables or as JSON."""

from contextlib import closing
from dataclasses import asdict
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import DigestMismatch, DownloadFailed, ExitCode, ModelNotFound
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.machine.verdicts import Verdict
from qwen3cli.models.catalogue import Entry
from qwen3cli.models.library import Library
from qwen3cli.models.records import Record
from qwen3cli.models.sources import FileProgress, Stage
from qwen3cli.models.store import Store
from qwen3cli.render.envelope import as_json
from qwen3cli.render.plans import rounded, speed_text, verdict_word
from qwen3cli.render.progress import ProgressView, progress_bars
from qwen3cli.render.tables import put_table
from qwen3cli.turn.planning import Machine, this_machine

_THOUSAND = 1024
_DIGITS_SHOWN = 12
_UNPINNED = "unpinned"


def run_list(environment: Environment, *, json: bool) -> None:
    """Every model: memory, speed, context, what is here, and whether it runs on this machine."""
    library, machine = Library(environment.variables), this_machine()
    rows = [_model_row(library, machine, entry) for entry in library.catalogue]
    if json:
        environment.stdout.put(as_json(rows))
        return
    hybrids = [row for row in rows if row["thinking"] == "hybrid"]
    others = [row for row in rows if row["thinking"] != "hybrid"]
    _put_models(environment, "model", hybrids)
    environment.stdout.put("\n")
    _put_models(environment, "not hybrid", others)
    _explain_unpinned(environment, rows)
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
                row["quantization"] + ("" if row["pinned"] else f" ({_UNPINNED})"),
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


def run_show(environment: Environment, spec: str, *, json: bool) -> None:
    """One model: its facts and every quantization."""
    library, machine = Library(environment.variables), this_machine()
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
        environment.stdout.put(as_json(_model_row(library, machine, entry) | {"files": files}))
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
    _explain_unpinned(environment, files)


def _model_row(library: Library, machine: Machine, entry: Entry) -> dict[str, Any]:
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
        "on_disk": [each.name for each in library.on_disk(entry)],
        "verdict": verdict_word(shown.plan),
        "pinned": shown.quantization.is_pinned,
    }


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
        return _UNPINNED
    return row["sha256"][:_DIGITS_SHOWN] or f"of {len(row['parts'])} parts"


def _explain_unpinned(environment: Environment, rows: list[dict[str, Any]]) -> None:
    if not all(row["pinned"] for row in rows):
        _note(environment, f"{_UNPINNED}: no digest is known here; the hub's own is taken.")


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
    extended = f", {count_text(entry.extended_context)} with YaRN" if entry.extended_context else ""
    lines = (
        f"{entry.title}: {count_text(entry.parameters)} million parameters{active}, {entry.license}",
        f"  thinking  {entry.thinking}",
        f"  context   {count_text(entry.native_context)}{extended}",
        f"  layers    {entry.layers}, {entry.heads} heads, {entry.kv_heads} KV heads{experts}",
        "  from      " + "\n            ".join(_sources(entry)),
        "",
    )
    environment.stdout.put("".join(line + "\n" for line in lines))


def _note(environment: Environment, text: str) -> None:
    environment.stderr.put(f"{text}\n")


def _context(row: dict[str, Any]) -> str:
    native = f"{row['native_context'] // _THOUSAND}K"
    return (
        f"{native}/{row['extended_context'] // _THOUSAND}K" if row["extended_context"] else native
    )


def run_remove(spec: str, environment: Environment, *, json: bool) -> None:
    """Free a model's files and say how much that was."""
    library = Library(environment.variables)
    ref = library.resolve(spec)
    freed = library.remove(ref)
    text = f"{ref.name}: freed {bytes_text(freed)}\n"
    environment.stdout.put(as_json({"model": ref.name, "freed_bytes": freed}) if json else text)


def run_verify(spec: str | None, environment: Environment, *, json: bool) -> ExitCode:
    """Hash again what is here; exit code 5 if anything is wrong."""
    results = verified(spec, environment)
    if json:
        environment.stdout.put(as_json(results))
    else:
        lines = [f"{each['problem'] or 'whole'}: {each['path']}" for each in results]
        environment.stdout.put("\n".join(lines or ["nothing is on this disk but demo"]) + "\n")
    return ExitCode.NO_DOWNLOAD if any(each["problem"] for each in results) else ExitCode.DONE


def verified(spec: str | None, environment: Environment) -> list[dict[str, Any]]:
    """Hash files again, against the recorded digests; all of them, or one model's."""
    library = Library(environment.variables)
    records = list(library.store.records)
    if spec is not None:
        quantization = library.resolve(spec).quantization
        paths = {part.path for part in library.store.parts(quantization)}
        records = [
            each
            for each in records
            if each.repository == quantization.repository and each.path in paths
        ]
        if not records:
            raise ModelNotFound(f"{spec} is not on this disk", f"qwen3 pull {spec}")
    with closing(progress_bars(environment)) as shown:
        return [_checked(library.store, record, shown) for record in records]


def _checked(store: Store, record: Record, shown: ProgressView) -> dict[str, Any]:
    def progress(done: int, total: int) -> None:
        shown.update(FileProgress(record.path, done, total, Stage.CHECKING))

    try:
        store.verify(record, progress)
        problem = None
    except (DigestMismatch, DownloadFailed) as error:
        problem = error.message
    return {"path": record.path, "sha256": record.sha256, "problem": problem}
