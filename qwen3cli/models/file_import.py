"""Files that somebody brought: which model each is, told by its digest, and their way into the cache.

A digest is known from the catalogue; where the catalogue has none for a file, from the list of the folder that `bundle`
made. A name alone proves nothing. Knows no terminal.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote

from qwen3cli.base.errors import DigestMismatch, DownloadFailed, ModelNotFound, QwenError
from qwen3cli.models.blobs import Progress, check_room, lock, place
from qwen3cli.models.bundle import read_list
from qwen3cli.models.cache import blobs_folder, commit_of, pointer_path
from qwen3cli.models.choice import ModelRef
from qwen3cli.models.digests import copy_proved, file_sha256, parsed_digest
from qwen3cli.models.disk import folder_errors
from qwen3cli.models.library import Library
from qwen3cli.models.partial import map_of, partial_of
from qwen3cli.models.sources import FileProgress, Stage
from qwen3cli.models.store import Store

_REVISION = re.compile(r"\w[\w.-]*")  # it becomes the name of a folder


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What a file can be: a file of a model, with the digest that proves it, in a revision of its repository."""

    ref: ModelRef
    path: str
    bytes: int | None
    sha256: str
    revision: str


def identify(file: Path, library: Library, progress: Progress) -> KnownFile:
    """Which file of which model it is.

    Raises:
        ModelNotFound: none that is known.
        DigestMismatch: it has the name of one, and is not that one.
        DownloadFailed: it cannot be read.
    """
    try:
        size = file.stat().st_size
    except OSError as problem:
        raise DownloadFailed(f"cannot read {file}: {problem.strerror}") from problem
    known = [*_in_catalogue(library), *_in_list(file, library)]
    named = [each for each in known if Path(each.path).name == file.name]
    possible = [each for each in known if each.bytes == size]
    possible += [each for each in named if each.bytes is None]
    digest = file_sha256(file, _telling(file, Stage.CHECKING, progress)) if possible else ""
    for each in possible:
        if each.sha256 == digest:
            return each
    hint = f"if you trust it, it runs where it is: qwen3 chat --size {quote(str(file.absolute()))}"
    if not named:
        raise ModelNotFound(f"{file} is none of the files that are known by their digest", hint)
    wanted = named[0]
    told = (
        f"sha256 {digest}, expected {wanted.sha256}"
        if digest
        else f"{size:,} bytes, expected {wanted.bytes:,}"
    )
    raise DigestMismatch(
        f"{file} is damaged, or not {wanted.ref.quantization.repository}'s: {told}", hint
    )


def import_file(known: KnownFile, file: Path, store: Store, progress: Progress) -> bool:
    """Copy a file into the cache, under its digest. False: it was here already.

    Raises:
        DownloadFailed: the cache cannot take it.
        DigestMismatch: it changed since it was identified.
    """
    quantization = known.ref.quantization
    if any(
        part.path == known.path and store.record(quantization, part)
        for part in store.parts(quantization)
    ):
        return False
    blob = blobs_folder(store.cache, quantization.repository) / known.sha256
    commit = commit_of(store.cache, quantization.repository, known.revision)
    pointer = pointer_path(store.cache, quantization.repository, commit, known.path)
    size = file.stat().st_size
    waiting = _telling(file, Stage.ELSEWHERE, progress)
    copying = _telling(file, Stage.COPYING, progress)
    with folder_errors(store.cache, "set HF_HOME to a folder of your own"):
        blob.parent.mkdir(parents=True, exist_ok=True)
        with lock(blob, partial(waiting, 0, size)):
            if not (blob.exists() and blob.samefile(file)):
                check_room(blob.parent, size)
                copy_proved(file, blob, known.sha256, copying)
                for left in (partial_of(blob), map_of(blob)):
                    left.unlink(missing_ok=True)
            place(blob, pointer)
    store.records.add(quantization, known.path, pointer, known.sha256)
    return True


def _in_catalogue(library: Library) -> Iterator[KnownFile]:
    for entry in library.catalogue:
        for each in entry.quantizations:
            for part in each.parts:
                if part.sha256 is not None:
                    ref = ModelRef(f"{entry.name}:{each.name}", entry, each, is_exact=True)
                    yield KnownFile(ref, part.path, part.bytes, part.sha256, each.revision)


def _in_list(file: Path, library: Library) -> Iterator[KnownFile]:
    """What the list beside a file says that it is, where the catalogue has no digest for that."""
    listed = read_list(file.parent).get(file.name)
    if listed is None or not (
        parsed_digest(listed.sha256) and _REVISION.fullmatch(listed.revision)
    ):
        return
    name = library.catalogue.name_of(listed.repository, listed.path)
    try:
        ref = library.resolve(name or f"hf:{listed.repository}/{listed.path}")
    except QwenError:
        return  # no name of a hub's file: the list was not made by us
    if not ref.quantization.is_pinned:
        yield KnownFile(ref, listed.path, listed.bytes, listed.sha256, listed.revision)


def _telling(file: Path, stage: Stage, progress: Progress) -> Callable[[int, int], None]:
    return lambda done, total: progress(FileProgress(file.name, done, total, stage))
