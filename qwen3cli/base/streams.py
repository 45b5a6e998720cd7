"""The streams of the process: what is written arrives whole, or an error says why; what is read is read to its end.

A stream may be a pipe that takes a part of a write, or nothing just now (`O_NONBLOCK`); a full disk; a reader that is
gone; closed before the start. One `Output` stands in front of each and knows all of that. It keeps nothing back, so
nothing is lost or complained about when the process ends. Knows nothing of what is written.
"""

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from qwen3cli.base.errors import OutputClosed, OutputFailed, QwenError
from qwen3cli.base.plaintext import VisibleText

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

STDOUT, STDERR = "standard output", "standard error"


class Output(io.RawIOBase):
    """A stream to write to: `put` for text, `draw` for our own escape sequences.

    What a stream that is not `required` cannot take is dropped: trouble with the notices must not cost the answer.
    """

    def __init__(
        self, raw: io.RawIOBase | BinaryIO | None, name: str = STDOUT, *, required: bool = True
    ) -> None:
        """`raw` None is a stream that was closed before the start."""
        self._raw = raw
        self._name = name
        self._required = required
        self._visible = VisibleText()
        self.is_terminal = raw is not None and raw.isatty()
        self.failed = False  # something that was written here is lost

    def put(self, text: str) -> None:
        """Write text, whoever wrote it: exact to the byte, but with its control characters visible on a terminal.

        Raises:
            OutputClosed: nobody reads it any more.
            OutputFailed: it cannot be written.
        """
        self.write(encoded(self._visible.feed(text) if self.is_terminal else text))

    def draw(self, text: str) -> None:
        """Write text with escape sequences that are our own, as it is. Raises what `put` does."""
        self.write(encoded(text))

    def write(self, data: "ReadableBuffer") -> int:
        """All of the bytes, however many writes that takes. Raises what `put` does."""
        rest = memoryview(data).cast("B")
        count = len(rest)
        try:
            while rest and (self._required or not self.failed):
                rest = rest[self._write_some(rest) :]
        except OSError as problem:
            self.failed = True
            if self._required:
                raise self._error(problem) from None
        return count

    def _write_some(self, data: memoryview) -> int:
        if self._raw is None:
            raise OSError(errno.EBADF, "it is closed")
        written = cast("int | None", self._raw.write(data))
        if written is None:  # a pipe that does not block, and is full
            select.select([], [self._raw], [])
        return written or 0

    def _error(self, problem: OSError) -> QwenError:
        if isinstance(problem, BrokenPipeError):
            return OutputClosed(f"nobody reads {self._name}")
        return OutputFailed(f"cannot write {self._name}: {problem.strerror}")

    def as_text(self, encoding: str = "utf-8") -> io.TextIOWrapper:
        """For libraries that write text."""
        return io.TextIOWrapper(cast(BinaryIO, self), encoding, "replace", write_through=True)

    def writable(self) -> bool:
        """Always; `io` asks."""
        return True

    def isatty(self) -> bool:
        """Whether there is a terminal behind it."""
        return self.is_terminal

    def fileno(self) -> int:
        """The descriptor, for asking the size of a terminal."""
        if self._raw is None:
            raise OSError(f"{self._name} is closed")
        return self._raw.fileno()


class _PatientReader(io.RawIOBase):
    """A stream to read from that waits where a non-blocking one has nothing yet."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """At least a byte, or none at the end."""
        while (count := cast("int | None", self._raw.readinto(buffer))) is None:
            select.select([self._raw], [], [])
        return count

    def readable(self) -> bool:
        """Always; `io` asks."""
        return True

    def isatty(self) -> bool:
        """Whether there is a terminal behind it."""
        return self._raw.isatty()

    def fileno(self) -> int:
        """The descriptor, for the settings of a terminal."""
        return self._raw.fileno()


def take_over_streams() -> None:
    """Let everything in this process write and read through here, libraries included.

    The numbers of streams that are closed are taken, or the next file to be opened would get them, and with them what
    native code writes to standard error.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = io.TextIOWrapper(input_of(sys.stdin), _encoding(sys.stdin), "replace")
    sys.stdout = output_of(sys.stdout).as_text(_encoding(sys.stdout))
    sys.stderr = error_output_of(sys.stderr).as_text(_encoding(sys.stderr))


def output_of(stream: TextIO | None) -> Output:
    """The one behind standard output."""
    raw = _raw(stream)
    return raw if isinstance(raw, Output) else Output(raw)


def error_output_of(stream: TextIO | None) -> Output:
    """The one behind standard error."""
    raw = _raw(stream)
    return raw if isinstance(raw, Output) else Output(raw, STDERR, required=False)


def input_of(stream: TextIO | None) -> BinaryIO:
    """The bytes of standard input; none if it was closed before the start."""
    raw = _raw(stream)
    if raw is None:
        return io.BytesIO()
    if isinstance(raw, _PatientReader):
        assert stream is not None
        return stream.buffer
    return cast(BinaryIO, io.BufferedReader(_PatientReader(raw)))


def encoded(text: str) -> bytes:
    """UTF-8, with the bytes of file names that are none as they were; what can be no text at all becomes `?`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _raw(stream: TextIO | None) -> "io.RawIOBase | None":
    if stream is None:
        return None
    buffer = stream.buffer
    return cast(io.RawIOBase, getattr(buffer, "raw", buffer))


def _encoding(stream: TextIO | None) -> str:
    return stream.encoding if stream is not None else "utf-8"
