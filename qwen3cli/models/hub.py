"""Fetching model files, from the Hugging Face hub or from ModelScope, into the hub's own cache.

With `hub_errors` the only file that knows `huggingface_hub`. Of it we use the metadata request (size, digest, commit,
where the bytes are) and the streaming request; what a whole download must also be is done here, since the client was
seen to do otherwise (2.4.0): it throws away what came when a download breaks off, ends at the first 500, and takes a
flipped byte for good.

The steps; those on the disk are in `blobs`:

    HEAD        where the bytes are, how many, which digest; nothing is fetched if that digest is not the pinned one
    room        the disk must hold the rest
    lock        one process fetches a file, others wait for it
    GET         appended to `<digest>.qwen3-partial`, from where an earlier attempt stopped
    digest      checked before the file gets its name; what is wrong is set aside
    place       moved to the cache's blobs, shown under its revision as the hub's client does it
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from qwen3cli.base.errors import DigestMismatch, DownloadFailed, ModelNotFound, SourceFailed
from qwen3cli.models.blobs import (
    Progress,
    check_room,
    checking,
    flush_to_disk,
    lock,
    partial_of,
    place,
    quarantine,
    recheck,
    size_of,
)
from qwen3cli.models.cache import blobs_folder, pointer_path
from qwen3cli.models.catalogue import Part, Quantization, is_inside
from qwen3cli.models.digests import file_sha256
from qwen3cli.models.hub_errors import RetryPolicy, expecting_hub_answer, translated_errors
from qwen3cli.models.sources import FileProgress, Source, Stage
from qwen3cli.models.store import Store

_SHA1, _SHA256 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")
_MODELSCOPE = "https://modelscope.cn"
# The client fetches in pieces of this size and loses the one in hand when the line drops; its own 10 MB is a lot then.
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What a source says of one file. `sha256` None: it names none."""

    url: str
    headers: Mapping[str, str]
    bytes: int
    sha256: str | None
    commit: str


class Hub:
    """Downloads into a store's cache."""

    def __init__(self, store: Store, variables: Mapping[str, str], source: Source) -> None:
        self._store = store
        self._variables = variables
        self.source = source
        # Before the client is imported: it would ask the hub about programs around us, unasked.
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        # It would also tell of every attempt, with addresses; we say it in words.
        logging.getLogger("huggingface_hub.utils._http").setLevel(logging.ERROR)

    def parts(self, quantization: Quantization) -> tuple[Part, ...]:
        """The files of a quantization; asked of the hub where the catalogue does not list them.

        Raises:
            DownloadFailed: the hub cannot be asked.
            ModelNotFound: it has no such files.
        """
        if quantization.parts:
            return quantization.parts
        with translated_errors(quantization.pattern), expecting_hub_answer(quantization.pattern):
            entries = list(self._tree(quantization))
        parts = sorted(
            (
                part
                for part in entries
                if fnmatch(part.path, quantization.pattern) and is_inside(part.path)
            ),
            key=lambda p: p.path,
        )
        if not parts:
            raise ModelNotFound(f"{quantization.repository} has no files {quantization.pattern}")
        return tuple(parts)

    def fetch(self, quantization: Quantization, part: Part, progress: Progress) -> None:
        """Have one file on this disk, whole and recorded.

        Raises:
            DigestMismatch: the source sent damaged bytes.
            SourceFailed: the network or the hub, or it has another file than the pinned one; what came is kept for the next attempt, from wherever.
            DownloadFailed: the disk; what came is kept.
        """
        with translated_errors(part.path):
            remote = self._metadata(quantization, part, RetryPolicy(first_question=True))
            digest = _agreed_digest(part, remote)
            blob = blobs_folder(self._store.cache, quantization.repository) / digest
            blob.parent.mkdir(parents=True, exist_ok=True)
            with lock(blob):
                if blob.exists():
                    recheck(blob, part.path, progress)
                if not blob.exists():
                    self._fetch_blob(quantization, part, remote, blob, progress)
                pointer = pointer_path(
                    self._store.cache, quantization.repository, remote.commit, part.path
                )
                place(blob, pointer)
        self._store.records.add(quantization, part.path, pointer, digest)

    def check_room(self, quantization: Quantization, parts: Sequence[Part]) -> None:
        """Whether the disk holds what is still to come of all parts together, as far as their sizes are known.

        Raises:
            DownloadFailed: it does not; nothing was fetched.
        """
        blobs = blobs_folder(self._store.cache, quantization.repository)
        here = sum(size_of(partial_of(blobs / part.sha256)) for part in parts if part.sha256)
        with translated_errors(quantization.pattern):
            check_room(blobs, sum(part.bytes or 0 for part in parts) - here)

    def _fetch_blob(
        self,
        quantization: Quantization,
        part: Part,
        remote: RemoteFile,
        blob: Path,
        progress: Progress,
    ) -> None:
        partial = partial_of(blob)
        check_room(blob.parent, remote.bytes - size_of(partial))
        retries = RetryPolicy()

        def waiting() -> None:
            progress(FileProgress(part.path, size_of(partial), remote.bytes, Stage.WAITING))

        while True:
            before = size_of(partial)
            try:
                _stream(remote, partial, _reporter(part.path, remote.bytes, progress))
                break
            except Exception as problem:  # noqa: BLE001 - what cannot pass is raised again
                retries.wait(problem, waiting, gained=size_of(partial) > before)
                # The link may have been signed for a limited time.
                remote = self._metadata(quantization, part, retries, waiting)
        actual = file_sha256(partial, checking(part.path, progress))
        if actual != blob.name:
            aside = quarantine(partial, blob)
            raise DigestMismatch(
                f"{part.path} came damaged: sha256 {actual}, expected {blob.name}",
                f"try again: qwen3 pull; the damaged file was set aside as {aside}",
            )
        flush_to_disk(partial)
        partial.replace(blob)

    def _metadata(
        self,
        quantization: Quantization,
        part: Part,
        retries: RetryPolicy,
        waiting: Callable[[], None] = lambda: None,
    ) -> RemoteFile:
        while True:
            try:
                with expecting_hub_answer(part.path):
                    if self.source is Source.MODELSCOPE:
                        return self._modelscope_metadata(quantization, part)
                    return self._huggingface_metadata(quantization, part)
            except Exception as problem:  # noqa: BLE001 - what cannot pass is raised again
                retries.wait(problem, waiting)

    def _huggingface_metadata(self, quantization: Quantization, part: Part) -> RemoteFile:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.utils._headers import build_hf_headers

        endpoint = self._variables.get("HF_ENDPOINT") or None
        url = hf_hub_url(
            quantization.repository, part.path, revision=quantization.revision, endpoint=endpoint
        )
        token = self._variables.get("HF_TOKEN") or None
        told = get_hf_file_metadata(url, token=token, endpoint=endpoint)
        headers = build_hf_headers(token=token)
        if urlsplit(told.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)  # the token is the hub's, not its storage's
        if told.size is None:
            raise DownloadFailed(
                f"the hub does not say how large {part.path} is", "try again later"
            )
        return RemoteFile(
            told.location,
            headers,
            told.size,
            _digest(told.etag),
            _commit(told.commit_hash) or quantization.revision,
        )

    def _modelscope_metadata(self, quantization: Quantization, part: Part) -> RemoteFile:
        for each in self._modelscope_files(quantization.repository):
            if each.get("Path") == part.path:
                base = self._variables.get("MODELSCOPE_ENDPOINT") or _MODELSCOPE
                url = f"{base}/models/{quantization.repository}/resolve/master/{quote(part.path)}"
                digest = _digest(each.get("Sha256"))
                return RemoteFile(url, {}, int(each["Size"]), digest, quantization.revision)
        raise SourceFailed(
            f"ModelScope has no {part.path} in {quantization.repository}", "try --from huggingface"
        )

    def _modelscope_files(self, repository: str) -> list[dict[str, Any]]:
        from huggingface_hub.utils._http import get_session, hf_raise_for_status

        base = self._variables.get("MODELSCOPE_ENDPOINT") or _MODELSCOPE
        url = f"{base}/api/v1/models/{repository}/repo/files?Revision=master&Recursive=true"
        answer = get_session().get(url)
        hf_raise_for_status(answer)
        return list(answer.json()["Data"]["Files"])

    def _tree(self, quantization: Quantization) -> Iterator[Part]:
        if self.source is Source.MODELSCOPE:
            for each in self._modelscope_files(quantization.repository):
                yield Part(str(each["Path"]), int(each["Size"]), _digest(each.get("Sha256")))
            return
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFile

        api = HfApi(
            endpoint=self._variables.get("HF_ENDPOINT") or None,
            token=self._variables.get("HF_TOKEN") or None,
        )
        tree = api.list_repo_tree(
            quantization.repository, revision=quantization.revision, recursive=True, expand=False
        )
        for entry in tree:
            if isinstance(entry, RepoFile):
                yield Part(entry.path, entry.size, _digest(entry.lfs.sha256 if entry.lfs else None))


def _reporter(path: str, total_bytes: int, progress: Progress) -> Callable[[int], None]:
    return lambda done: progress(FileProgress(path, done, total_bytes))


def _stream(remote: RemoteFile, partial: Path, done: Callable[[int], None]) -> None:
    """Append what is missing to the partial file."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get

    constants.DOWNLOAD_CHUNK_SIZE = _PIECE_BYTES
    # Above this it refuses, for its own way of fetching large files.
    constants.MAX_HTTP_DOWNLOAD_SIZE = sys.maxsize
    with partial.open("ab") as file:
        have = file.tell()
        if have > remote.bytes:
            file.truncate(0)
            have = 0
        done(have)
        http_get(
            remote.url,
            file,
            resume_size=have,
            headers=dict(remote.headers),
            expected_size=remote.bytes,
            tqdm_class=_bar(done),
        )


def _bar(done: Callable[[int], None]) -> Any:
    """What the client takes for its progress bar: a class that passes the count on."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*arguments, **options | {"disable": True})
            self.count = int(options.get("initial") or 0)

        def update(self, n: float | None = 1) -> None:
            self.count += int(n or 0)
            done(self.count)

    return Bar


def _agreed_digest(part: Part, remote: RemoteFile) -> str:
    """The digest the file must have; the pinned one wins, and the source must not contradict what is pinned."""
    hint = "nothing was fetched; look for a newer qwen3, or take another --from"
    if part.sha256 is not None and remote.sha256 not in (None, part.sha256):
        raise SourceFailed(
            f"the source has another {part.path} than the pinned one: sha256 {remote.sha256}, expected {part.sha256}",
            hint,
        )
    if part.bytes is not None and part.bytes != remote.bytes:
        raise SourceFailed(
            f"the source has another {part.path} than the pinned one: {remote.bytes:,} bytes, expected {part.bytes:,}",
            hint,
        )
    digest = part.sha256 or remote.sha256
    if digest is None:
        raise SourceFailed(f"nobody names a digest for {part.path}, so it cannot be checked", hint)
    return digest


def _digest(told: Any) -> str | None:
    """What a source calls a digest, if it is one: it becomes a file name."""
    text = str(told or "").lower()
    return text if _SHA256.fullmatch(text) else None


def _commit(told: Any) -> str | None:
    text = str(told or "").lower()
    return text if _SHA1.fullmatch(text) else None
