"""A folder of models to carry to a machine without a network: their files under the names they were published by, and
a list that says of each what it is.

Knows the disk, and no terminal.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import DownloadFailed, UsageProblem
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.base.units import bytes_text
from qwen3cli.models.blobs import Progress
from qwen3cli.models.cache import inside_repository
from qwen3cli.models.catalogue import Part
from qwen3cli.models.digests import copy_proved, file_sha256
from qwen3cli.models.disk import folder_errors, free_bytes
from qwen3cli.models.records import Record
from qwen3cli.models.sources import FileProgress, Stage

LIST_NAME = "qwen3-models.json"
_MOST_LIST_BYTES = 2**20  # a line of it has some 400
_VERSION = 1
_ANOTHER = "name a folder that you can write to"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: a file, and what it is."""

    file: str
    repository: str
    revision: str
    path: str
    bytes: int
    sha256: str


def read_list(folder: Path) -> dict[str, Listed]:
    """What the list of a folder says, by the name of the file; empty where there is none that can be read."""
    try:
        with (folder / LIST_NAME).open(encoding="utf-8") as file:
            told = json.loads(file.read(_MOST_LIST_BYTES))
        listed = [_listed(each) for each in told["files"]]
    except (OSError, *OTHER_FORM):
        return {}
    return {each.file: each for each in listed}


def check_folder(folder: Path, files: Sequence[Part | Record]) -> None:
    """Have the folder, and know that it takes the files that are not there yet, as far as their sizes are known.

    Raises:
        DownloadFailed: it cannot be made or written, or its disk is too small.
    """
    with folder_errors(folder, _ANOTHER):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        missing = [each for each in files if not (folder / Path(each.path).name).exists()]
        needed, free = sum(each.bytes or 0 for each in missing), free_bytes(folder)
    if needed > free:
        raise DownloadFailed(
            f"{folder} is too small: {bytes_text(needed)} are needed, {bytes_text(free)} are free",
            "take a larger one, or a smaller quantization",
        )


def copy_out(records: Sequence[Record], folder: Path, progress: Progress) -> list[Path]:
    """Copy files that were checked into a folder, and list them there. Returns them in order. What is there is kept.

    Raises:
        DownloadFailed: the folder cannot take them.
        DigestMismatch: a file is not what it was when it was checked.
        UsageProblem: another file of the same name is there.
    """
    check_folder(folder, records)
    missing = [each for each in records if not _is_there(each, folder, progress)]
    with folder_errors(folder, _ANOTHER):
        for each in missing:
            target = folder / Path(each.path).name
            copy_proved(
                Path(each.location), target, each.sha256, _telling(each, Stage.COPYING, progress)
            )
        _write_list(folder, records)
    return [folder / Path(each.path).name for each in records]


def _listed(told: Any) -> Listed:
    """One line, whoever wrote it, with values of the right kinds."""
    return Listed(
        file=str(told["file"]),
        repository=str(told["repository"]),
        revision=str(told["revision"]),
        path=str(told["path"]),
        bytes=int(told["bytes"]),
        sha256=str(told["sha256"]),
    )


def _is_there(record: Record, folder: Path, progress: Progress) -> bool:
    target = folder / Path(record.path).name
    if not target.exists():
        return False
    telling = _telling(record, Stage.CHECKING, progress)
    with folder_errors(folder, _ANOTHER):
        same = (
            target.stat().st_size == record.bytes and file_sha256(target, telling) == record.sha256
        )
    if not same:
        raise UsageProblem(
            f"{target} is there already, and is another file or damaged",
            "remove it, or name another folder",
        )
    return True


def _telling(record: Record, stage: Stage, progress: Progress) -> Callable[[int, int], None]:
    return lambda done, total: progress(FileProgress(record.path, done, total, stage))


def _write_list(folder: Path, records: Sequence[Record]) -> None:
    listed = read_list(folder)
    for each in records:
        name = Path(each.path).name
        listed[name] = Listed(
            name, each.repository, _commit(each), each.path, each.bytes, each.sha256
        )
    told = {"version": _VERSION, "files": [asdict(each) for _, each in sorted(listed.items())]}
    beside = folder / f"{LIST_NAME}.new"
    beside.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    beside.replace(folder / LIST_NAME)


def _commit(record: Record) -> str:
    """The revision that a file is of: the one that it is shown under in the cache."""
    inside = inside_repository(Path(record.location))
    return inside[1].parts[1] if inside else record.revision
