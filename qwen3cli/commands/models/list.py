"""`models list`: every model with its memory, speed and verdict, and what of it is on this disk."""

from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.machine.attention import DEFAULT_CONTEXT_TOKENS
from qwen3cli.models.catalogue import Entry
from qwen3cli.models.choice import ModelRef
from qwen3cli.models.leftovers import Leftover
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json
from qwen3cli.render.plans import recommendation_text, rounded, speed_text, verdict_word
from qwen3cli.render.tables import put_table
from qwen3cli.turn.this_machine import Machine, this_machine

UNPINNED = "unpinned"
_THOUSAND = 1024


def run_list(environment: Environment, *, json: bool) -> None:
    """Every model: memory, speed, context, what is here, and whether it runs on this machine."""
    library, machine = Library(environment.variables), this_machine(environment.variables)
    rows = [model_row(library, machine, entry) for entry in library.catalogue]
    left = library.leftovers()
    unfinished = [_unfinished_row(*each) for each in left if each[1].is_unfinished]
    files = [_hub_file_row(library, each) for each in library.hub_files()]
    if json:
        told = {"items": rows, "hub_files": files, "unfinished": unfinished}
        environment.stdout.put(as_json(told))
        return
    hybrids = [row for row in rows if row["thinking"] == "hybrid"]
    _put_models(environment, "model", hybrids)
    environment.stdout.put("\n")
    _put_models(environment, "not hybrid", [each for each in rows if each not in hybrids])
    if files:
        environment.stdout.put("\n")
        table = [(row["model"], bytes_text(row["bytes"])) for row in files]
        put_table(environment, ("other files of the hub", "on disk"), table, right=(1,))
    if unfinished:
        environment.stdout.put("\n")
        _put_unfinished(environment, unfinished)
    explain_unpinned(environment, rows)
    licenses = ", ".join(sorted({row["license"] for row in rows}))
    _note(
        environment,
        f"Memory and speed at {count_text(DEFAULT_CONTEXT_TOKENS)} tokens of context; {licenses}.",
    )
    _note(environment, "Context as the files allow it; behind the stroke, what YaRN makes of it.")
    environment.stderr.put(recommendation_text(machine.recommended(library.catalogue)))
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
                row["quantization"] + ("" if row["pinned"] else f" ({UNPINNED})"),
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


def _hub_file_row(library: Library, ref: ModelRef) -> dict[str, Any]:
    return {"model": ref.name, "bytes": library.size_on_disk(ref.quantization)}


def _unfinished_row(name: str, leftover: Leftover) -> dict[str, Any]:
    return {
        "model": name,
        "file": leftover.origin.path if leftover.origin else None,
        "here_bytes": leftover.came_bytes,
        "total_bytes": leftover.origin.bytes if leftover.origin else None,
    }


def _put_unfinished(environment: Environment, rows: list[dict[str, Any]]) -> None:
    put_table(
        environment,
        ("unfinished", "here", "of"),
        [
            (
                row["model"],
                bytes_text(row["here_bytes"]),
                "" if row["total_bytes"] is None else bytes_text(row["total_bytes"]),
            )
            for row in rows
        ],
        right=(1, 2),
    )
    _note(
        environment,
        "Unfinished: qwen3 pull NAME goes on with it, qwen3 models rm NAME removes it,\n"
        "qwen3 models prune removes all of them.",
    )


def model_row(library: Library, machine: Machine, entry: Entry) -> dict[str, Any]:
    """One model as JSON."""
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
        "file_context": entry.file_context,
        "extended_context": entry.extended_context,
        "on_disk": [each.name for each in library.on_disk(entry)],
        "verdict": verdict_word(shown.plan),
        "pinned": shown.quantization.is_pinned,
    }


def explain_unpinned(environment: Environment, rows: list[dict[str, Any]]) -> None:
    """Say what the word means, if it was used."""
    if not all(row["pinned"] for row in rows):
        _note(environment, f"{UNPINNED}: no digest is known here; the hub's own is taken.")


def _note(environment: Environment, text: str) -> None:
    environment.stderr.put(f"{text}\n")


def _context(row: dict[str, Any]) -> str:
    lengths = (row["file_context"], row["extended_context"])
    return "/".join(f"{each // _THOUSAND}K" for each in lengths if each is not None)
