"""`models verify`: hash what is here again, against the digests that were recorded."""

from contextlib import closing
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import DigestMismatch, DownloadFailed, ExitCode, ModelNotFound
from qwen3cli.models.library import Library
from qwen3cli.models.records import Record
from qwen3cli.models.sources import FileProgress, Stage
from qwen3cli.models.store import Store
from qwen3cli.render.json_output import as_json
from qwen3cli.render.progress import ProgressView, progress_bars


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
