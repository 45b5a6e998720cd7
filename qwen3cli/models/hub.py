"""Fetching model files, from the Hugging Face hub or from ModelScope, into the hub's own cache.

The steps of one file:

    locate      where its bytes are, how many, which digest; nothing is fetched if that digest is not the pinned one
    lock        one process fetches a file, others wait for it, and see how far it is
    room        the disk must hold the rest
    transfer    the missing bytes, over several connections, into a `partial` file
    digest      checked before the file gets its name; what is wrong is set aside
    place       moved to the cache's blobs, shown under its revision as the hub's client does it
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

from qwen3cli.base.errors import ModelNotFound, SourceFailed
from qwen3cli.models.blobs import (
    Progress,
    check_room,
    finish,
    lock,
    place,
    recheck,
)
from qwen3cli.models.cache import blobs_folder, pointer_path
from qwen3cli.models.catalogue import Part, Quantization, is_inside
from qwen3cli.models.hub_errors import RetryPolicy, disk_errors
from qwen3cli.models.huggingface import HuggingFace
from qwen3cli.models.modelscope import ModelScope
from qwen3cli.models.partial import Origin, Partial, came_bytes
from qwen3cli.models.sources import FileProgress, RemoteFile, Source, Stage
from qwen3cli.models.store import Store
from qwen3cli.models.transfer import Transfer
from qwen3cli.models.transport import Transport


class Hub:
    """Downloads into a store's cache."""

    def __init__(self, store: Store, variables: Mapping[str, str], source: Source) -> None:
        self.source = source
        self._store = store
        self._transport = Transport(variables)
        kind: type[_Questions] = HuggingFace if source is Source.HUGGINGFACE else ModelScope
        self._questions = kind(self._transport, variables)
        self._line = threading.Lock()  # one file is fetched at a time, while another is checked

    def close(self) -> None:
        """Let go of all connections."""
        self._transport.close()

    def parts(self, quantization: Quantization, progress: Progress) -> tuple[Part, ...]:
        """The files of a quantization; asked of the hub where the catalogue does not list them.

        Raises:
            DownloadFailed: the hub cannot be asked.
            ModelNotFound: it has no such files.
        """
        if quantization.parts:
            return quantization.parts
        repository, pattern = quantization.repository, quantization.pattern
        retries = RetryPolicy(_waiting(pattern, progress), first_question=True)
        files = retries.until_answered(
            lambda: list(self._questions.files(repository, quantization.revision))
        )
        parts = [each for each in files if fnmatch(each.path, pattern) and is_inside(each.path)]
        if not parts:
            raise ModelNotFound(f"{repository} has no files {pattern}")
        return tuple(sorted(parts, key=lambda each: each.path))

    def fetch(self, quantization: Quantization, part: Part, progress: Progress) -> None:
        """Have one file on this disk, whole and recorded.

        Raises:
            DigestMismatch: the source sent damaged bytes.
            SourceFailed: the network or the hub, or it has another file than the pinned one; what came is kept for the next attempt, from wherever.
            DownloadFailed: the disk; what came is kept.
        """
        with disk_errors(part.path):
            retries = RetryPolicy(_waiting(part.path, progress), first_question=True)
            remote = retries.until_answered(lambda: self._questions.locate(quantization, part))
            pinned = _agreed(part, remote)
            blob = blobs_folder(self._store.cache, quantization.repository) / str(pinned.sha256)
            blob.parent.mkdir(parents=True, exist_ok=True)
            with lock(blob, _elsewhere(blob, remote, part.path, progress)):
                if self._store.record(quantization, pinned) is not None:
                    return  # whoever held the lock has done it
                if blob.exists():
                    recheck(blob, part.path, progress)
                if not blob.exists():
                    self._fetch_blob(quantization, pinned, remote, blob, progress)
                pointer = pointer_path(
                    self._store.cache, quantization.repository, remote.commit, part.path
                )
                place(blob, pointer)
        self._store.records.add(quantization, part.path, pointer, str(pinned.sha256))

    def check_room(self, quantization: Quantization, parts: Sequence[Part]) -> None:
        """Whether the disk holds what is still to come of all parts together, as far as their sizes are known.

        Raises:
            DownloadFailed: it does not; nothing was fetched.
        """
        blobs = blobs_folder(self._store.cache, quantization.repository)
        here = sum(came_bytes(blobs / part.sha256) for part in parts if part.sha256)
        with disk_errors(quantization.pattern):
            check_room(blobs, sum(part.bytes or 0 for part in parts) - here)

    def _fetch_blob(
        self,
        quantization: Quantization,
        part: Part,
        remote: RemoteFile,
        blob: Path,
        progress: Progress,
    ) -> None:
        check_room(blob.parent, remote.bytes - came_bytes(blob))
        partial = Partial(blob, Origin(quantization.repository, part.path, remote.bytes))

        def report(stage: Stage = Stage.FETCHING, reason: str = "", seconds: float = 0) -> None:
            came = partial.came_bytes
            progress(FileProgress(part.path, came, remote.bytes, stage, reason, seconds))

        def locate() -> RemoteFile:
            found = retries.until_answered(lambda: self._questions.locate(quantization, part))
            _agreed(part, found)
            return found

        retries = RetryPolicy(lambda *why: report(Stage.WAITING, *why))
        transfer = Transfer(part.path, partial, self._transport, report)
        with self._line, closing(partial):
            transfer.run(remote, locate, retries)
        finish(partial.path, blob, part.path, progress)


class _Questions(Protocol):
    """What can be asked of a hub."""

    def __init__(self, transport: Transport, variables: Mapping[str, str]) -> None: ...

    def files(self, repository: str, revision: str) -> Iterator[Part]:
        """The files of a repository."""

    def locate(self, quantization: Quantization, part: Part) -> RemoteFile:
        """Where the bytes of a file are."""


def _waiting(path: str, progress: Progress) -> Callable[[str, float], None]:
    """Tells that a question about a file waits for its answer."""
    return lambda reason, seconds: progress(
        FileProgress(path, 0, 0, Stage.WAITING, reason, seconds)
    )


def _elsewhere(blob: Path, remote: RemoteFile, path: str, progress: Progress) -> Callable[[], None]:
    """Tells how far the process is that fetches a file."""
    return lambda: progress(FileProgress(path, came_bytes(blob), remote.bytes, Stage.ELSEWHERE))


def _agreed(part: Part, remote: RemoteFile) -> Part:
    """What the file must be; what is pinned wins, and the source must not contradict it."""
    hint = "look for a newer qwen3, or take another --from"
    another = f"the source has another {part.path} than the pinned one"
    if part.sha256 is not None and remote.sha256 not in (None, part.sha256):
        raise SourceFailed(f"{another}: sha256 {remote.sha256}, expected {part.sha256}", hint)
    if part.bytes not in (None, remote.bytes):
        raise SourceFailed(f"{another}: {remote.bytes:,} bytes, expected {part.bytes:,}", hint)
    digest = part.sha256 or remote.sha256
    if digest is None:
        raise SourceFailed(f"nobody names a digest for {part.path}, so it cannot be checked", hint)
    return Part(part.path, remote.bytes, digest)
