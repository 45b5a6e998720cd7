"""SHA-256 of files: what proves that a file is the one that was published."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

DIGEST_LENGTH = 64
_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ_BYTES = 1 << 22  # larger reads hash no faster

Progress = Callable[[int, int], None]


def file_sha256(path: Path, progress: Progress) -> str:
    """The digest of a file; `progress` gets bytes done and in all."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb", buffering=0) as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
            done += len(block)
            progress(done, total)
    return digest.hexdigest()


def digest_told(told: object) -> str | None:
    """What a source calls a digest, if it is one: it becomes a file name."""
    text = str(told or "").lower()
    return text if _SHA256.fullmatch(text) else None
