"""SHA-256 of files: what proves that a file is the one that was published."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from qwen3cli.base.errors import DigestMismatch, DownloadFailed

_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ_BYTES = 1 << 22  # larger reads hash no faster
# Of a large file these are read from its beginning, its end, and evenly between: half a megabyte in all.
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 13
# Of a large file these are read from its beginning, its end, and evenly between: half a megabyte in all.
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 13

Progress = Callable[[int, int], None]


def file_sha256(path: Path, progress: Progress) -> str:
    """The digest of a file; `progress` gets bytes done and in all.

    Raises:
        DownloadFailed: it cannot be read.
    """
    digest = hashlib.sha256()
    for block in _blocks(path, progress):
        digest.update(block)
    return digest.hexdigest()


def copy_proved(source: Path, target: Path, sha256: str, progress: Progress) -> None:
    """Copy a file; the copy has its name only once it is whole and its digest is right, and else leaves nothing.

    Raises:
        DigestMismatch: it is another file than that.
        DownloadFailed: it cannot be read.
        OSError: the copy cannot be written.
    """
    beside = target.with_name(f"{target.name}.qwen3-copy")
    digest = hashlib.sha256()
    try:
        with beside.open("wb") as written:
            for block in _blocks(source, progress):
                digest.update(block)
                written.write(block)
            written.flush()
            os.fsync(written.fileno())
        if digest.hexdigest() != sha256:
            raise DigestMismatch(
                f"{source} is damaged: sha256 {digest.hexdigest()}, expected {sha256}",
                "nothing was copied; qwen3 models verify checks what is here",
            )
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def model_digest(path: Path) -> str:
    """What tells a model file apart from others, in some milliseconds: its SHA-256 where its name says it, as in the
    caches of the hub and of ollama, or where it is small; else one of its size and of samples of it.

    Raises:
        OSError: it cannot be read.
    """
    named = _SHA256.search(path.resolve().name)
    if named:
        return f"sha256:{named[0]}"
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= _READ_BYTES:
            return f"sha256:{hashlib.sha256(file.read()).hexdigest()}"
        digest = hashlib.sha256(str(size).encode())
        for sample in range(_SAMPLES):
            file.seek(sample * (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return f"sampled:{digest.hexdigest()}"


def parsed_digest(told: object) -> str | None:
    """What a source calls a digest, if it is one: it becomes a file name."""
    text = str(told or "").lower()
    return text if _SHA256.fullmatch(text) else None


def _blocks(path: Path, progress: Progress) -> Iterator[bytes]:
    done = 0
    try:
        total = path.stat().st_size
        with path.open("rb", buffering=0) as file:
            while block := file.read(_READ_BYTES):
                yield block
                done += len(block)
                progress(done, total)
    except OSError as problem:
        raise DownloadFailed(f"cannot read {path}: {problem.strerror}") from problem
