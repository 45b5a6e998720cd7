"""Keys pressed while the model is busy: none is echoed into its answer, and none is lost.

The terminal is asked for keys one by one for as long as a turn runs; Ctrl-C still arrives as a signal. What was typed
ahead becomes the beginning of the next line. Reading never waits.
"""

import os
import sys
from types import TracebackType
from typing import Any, BinaryIO, Self


class Keys:
    """The keyboard during a turn. Use it in `with`."""

    def __init__(self, stdin: BinaryIO) -> None:
        self._stdin = stdin
        self._saved: list[Any] | None = None
        self._typed = b""

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows

            descriptor = self._stdin.fileno()
            self._saved = termios.tcgetattr(descriptor)
            quiet = termios.tcgetattr(descriptor)
            quiet[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.poll()
        if self._saved is not None and sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows

            termios.tcsetattr(self._stdin.fileno(), termios.TCSADRAIN, self._saved)

    def poll(self) -> bool:
        """Take in what was typed since the last call; whether there was anything."""
        new = _waiting(self._stdin)
        self._typed += new
        return bool(new)

    def discard(self) -> None:
        """Forget what was typed so far: it was meant for the model's thoughts."""
        self._typed = b""

    def typed_ahead(self) -> str:
        """The printable part of what was typed; keys such as arrows and Enter make no text."""
        text = _without_escapes(self._typed).decode("utf-8", "ignore")
        return "".join(char for char in text if char.isprintable())


def _waiting(stdin: BinaryIO) -> bytes:
    """Bytes that are there already."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only on Windows

        keys = ""
        while msvcrt.kbhit():
            keys += msvcrt.getwch()
        return keys.encode()
    import select  # noqa: PLC0415 - not for files on Windows

    ready, _, _ = select.select([stdin], [], [], 0)
    return os.read(stdin.fileno(), 4096) if ready else b""


def _without_escapes(raw: bytes) -> bytes:
    """The bytes without the sequences that arrows and function keys send."""
    kept = bytearray()
    rest = iter(raw)
    for byte in rest:
        if byte != 0x1B:
            kept.append(byte)
            continue
        introducer = next(rest, None)
        if introducer in (ord("["), ord("O")):
            for final in rest:
                if 0x40 <= final <= 0x7E:
                    break
    return bytes(kept)
