"""Text files that join a prompt. Read whole or refused: never cut, never guessed at."""

import os
from pathlib import Path
from typing import BinaryIO

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.dialogue.messages import Document

# More than any context holds; a device or a stream that never ends is refused here instead of filling the memory.
_MOST_BYTES = 64 * 2**20


def read_document(path: Path) -> Document:
    """Read one UTF-8 text file.

    Raises:
        UsageProblem: it is missing, a folder, unreadable, or not text.
    """
    try:
        with path.open("rb") as file:
            raw = read_bounded(file, str(path))
    except FileNotFoundError:
        raise UsageProblem(f"no such file: {path}") from None
    except IsADirectoryError:
        raise UsageProblem(
            f"{path} is a folder", f"name its files, for example {path}/*.md"
        ) from None
    except OSError as problem:
        raise UsageProblem(f"cannot read {path}: {problem.strerror}") from problem
    return Document(str(path), decode_text(raw, str(path)))


def read_bounded(stream: BinaryIO, name: str) -> bytes:
    """All of a stream.

    Raises:
        UsageProblem: it is longer than any context.
    """
    raw = stream.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise UsageProblem(
            f"{name} is longer than {bytes_text(_MOST_BYTES)}, which no context holds",
            "give a part of it",
        )
    return raw


def argument_text(text: str, name: str) -> str:
    """An argument of the command line as the UTF-8 it was typed in, whatever the locale made of its bytes.

    Raises:
        UsageProblem: it is no UTF-8.
    """
    return decode_text(os.fsencode(text), name)


def decode_text(raw: bytes, name: str) -> str:
    """The text of some bytes, without a byte-order mark.

    Raises:
        UsageProblem: they are no UTF-8; says where.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageProblem(
            f"{name} is not UTF-8 text (byte {problem.start:,} is 0x{raw[problem.start]:02x})",
            "convert it first, for example: iconv -f latin1 -t utf-8",
        ) from None
    if "\0" in text:
        raise UsageProblem(f"{name} is not text: it holds a zero byte")
    return text
