"""What a result holds beside its text, as files in a folder that only the user can read.

Knows kinds of files by their first bytes, since what a server calls them is a claim. Does not look into them.
"""

import os
from pathlib import Path

from qwen3cli.base.units import bytes_text
from qwen3cli.tools.tool import MediaContent

MOST_BYTES = 32 * 2**20  # of one file; more is no picture that anybody looks at in a terminal
_MOST_NAMES = 100_000
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"BM": ".bmp",
}  # fmt: skip
_RIFF_KINDS = {b"WEBP": ".webp", b"WAVE": ".wav"}
_SOUNDS = {"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/mp4": ".m4a"}
PICTURE_SUFFIXES = frozenset({*_PICTURES.values(), ".webp"})


class MediaFolder:
    """Where files are kept; made when the first one comes."""

    def __init__(self, folder: Path, stem: str = "") -> None:
        """A `stem` stands before the number in every name."""
        self._folder = folder
        self._stem = stem

    def save(self, media: MediaContent) -> Path | str:
        """Keep one. Returns where it is, or why it was not kept, in words for the model."""
        if len(media.data) > MOST_BYTES:
            return f"not kept, as it is larger than {bytes_text(MOST_BYTES)}"
        suffix = _suffix(media)
        if suffix is None:
            return "not kept, as it is no picture"
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True)
            return self._written(media.data, suffix)
        except OSError as problem:
            return f"not kept: {problem.strerror}"

    def _written(self, data: bytes, suffix: str) -> Path:
        """Under the next number that is free; also where another process takes one meanwhile."""
        for number in range(1, _MOST_NAMES):
            path = self._folder / f"{self._stem}{number}{suffix}"
            try:
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
            return path
        raise FileExistsError(0, "the folder is full")


def _suffix(media: MediaContent) -> str | None:
    """What the name ends in; None for what is called a picture and is none."""
    start = media.data[:16]
    for beginning, suffix in _PICTURES.items():
        if start.startswith(beginning):
            return suffix
    if start.startswith(b"RIFF") and start[8:12] in _RIFF_KINDS:
        return _RIFF_KINDS[start[8:12]]
    if media.mime.startswith("image/"):
        return ".svg" if media.mime == "image/svg+xml" and b"<svg" in media.data[:1000] else None
    return _SOUNDS.get(media.mime, ".bin")
