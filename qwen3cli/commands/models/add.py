"""`models add`: take files that were carried here into the cache, each after its digest."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import DownloadFailed, ExitCode, Interrupted, ModelNotFound, QwenError
from qwen3cli.models.choice import ModelRef
from qwen3cli.models.file_import import identify, import_file
from qwen3cli.models.library import Library
from qwen3cli.models.sources import FileProgress
from qwen3cli.models.split import parts_of
from qwen3cli.render.json_output import as_json
from qwen3cli.render.progress import progress_bars


@dataclass(frozen=True, slots=True)
class AddResult:
    """One file, and what became of it. `problem` None: it is in the cache, as a file of `ref`."""

    file: Path
    ref: ModelRef | None = None
    is_new: bool = False
    problem: QwenError | None = None


def run_add(path: Path, environment: Environment, *, json: bool) -> ExitCode:
    """Take a file, or every model file of a folder. What nobody knows stays where it is.

    Raises:
        QwenError: why the only file was not taken.
    """
    files, library = _files(path), Library(environment.variables)
    with closing(progress_bars(environment)) as shown:
        try:
            results = [_added(file, library, shown.update) for file in files]
        except KeyboardInterrupt:
            raise Interrupted(
                "stopped; the files that are whole stay", "the same command goes on from there"
            ) from None
    if len(results) == 1 and results[0].problem is not None:
        raise results[0].problem
    if json:
        environment.stdout.put(as_json([_row(each) for each in results]))
    else:
        environment.stdout.put("".join(map(_line, results)))
    for each in results:
        if each.problem is not None:
            environment.stderr.put(
                f"not taken: {each.problem.message}\n  try: {each.problem.hint}\n"
            )
    for ref in {each.ref.name: each.ref for each in results if each.ref is not None}.values():
        _tell_missing_parts(ref, library, environment)
    return _code(results)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        said = f"{path} is no file" if path.exists() else f"no such file or folder: {path}"
        raise ModelNotFound(said, "name a .gguf, or a folder of them")
    # Names with a dot in front are what some systems put beside every file of a stick.
    files = [each for each in path.rglob("*.gguf") if each.is_file() and each.name[0] != "."]
    if not files:
        raise ModelNotFound(f"no .gguf is in {path}", f"qwen3 pull SIZE --to {path} brings one")
    return sorted(files)


def _added(file: Path, library: Library, progress: Callable[[FileProgress], None]) -> AddResult:
    try:
        known = identify(file, library, progress)
        return AddResult(file, known.ref, import_file(known, file, library.store, progress))
    except (ModelNotFound, DownloadFailed) as problem:
        return AddResult(file, problem=problem)


def _line(result: AddResult) -> str:
    if result.ref is None:
        return ""
    state = "added" if result.is_new else "is here already"
    proof = "" if result.ref.quantization.is_pinned else ", after the digest in the folder's list"
    return f"{result.ref.name}: {state}: {result.file.name}{proof}\n"


def _row(result: AddResult) -> dict[str, object]:
    return {
        "file": str(result.file),
        "model": result.ref.name if result.ref else None,
        "added": result.is_new,
        "problem": result.problem.message if result.problem else None,
    }


def _tell_missing_parts(ref: ModelRef, library: Library, environment: Environment) -> None:
    store, quantization = library.store, ref.quantization
    if store.find(quantization) is not None:
        return
    parts = store.parts(quantization)
    here = sum(store.record(quantization, part) is not None for part in parts)
    in_all = len(parts_of(Path(parts[0].path)))
    environment.stderr.put(
        f"{ref.name} has {here} of its {in_all} parts; add the others, or qwen3 pull {ref.name}\n"
    )


def _code(results: list[AddResult]) -> ExitCode:
    if any(isinstance(each.problem, DownloadFailed) for each in results):
        return ExitCode.NO_DOWNLOAD
    return ExitCode.DONE if any(each.ref for each in results) else ExitCode.NO_MODEL
