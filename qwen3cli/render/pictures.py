"""A picture on a terminal, by what the terminal can do: the protocols of kitty and iTerm2, sixel, or half blocks.

A stranger's file is never sent on: a confined child decodes it, and what is drawn is drawn anew from its pixels.

    kitty       APC G ... ST    PNG in base64, in pieces of 4,096 characters
    iTerm2      OSC 1337;File=  PNG in base64
    sixel       DCS q ... ST    256 colours, rows of six pixels, runs counted
    half block  U+2580 with a colour above and one below: two pixels in a cell
"""

import base64
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path

_SECONDS = 30.0  # for the child
_MOST_ROWS = 24  # of half blocks; two pixels each
_MOST_PIXELS = (800, 600)  # in the other ways
_KITTY_CHARACTERS = 4096  # in one piece, by kitty's own description
_SIXEL_ROWS = 6
_PALETTE_BYTES = 3 * 256


class Protocol(Enum):
    """How a terminal takes a picture; the value is what the child is to make of it."""

    KITTY = "png"
    ITERM = "png "
    SIXEL = "palette"
    BLOCKS = "rgb"


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture that was drawn anew."""

    width: int
    height: int
    data: bytes


def protocol_of(variables: Mapping[str, str]) -> Protocol:
    """What the terminal says of itself. Inside a multiplexer that is not the terminal's own word: half blocks."""
    term, program = variables.get("TERM", ""), variables.get("TERM_PROGRAM", "")
    if "TMUX" in variables or term.startswith(("screen", "tmux")):
        return Protocol.BLOCKS
    if "KITTY_WINDOW_ID" in variables or term in ("xterm-kitty", "xterm-ghostty"):
        return Protocol.KITTY
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return Protocol.ITERM
    if term.startswith(("foot", "mlterm", "contour", "yaft")) or "sixel" in term:
        return Protocol.SIXEL
    return Protocol.BLOCKS


def picture_text(path: Path, variables: Mapping[str, str], columns: int) -> str:
    """What draws the picture, escape sequences of ours and no byte of the file; empty if it cannot be drawn."""
    protocol = protocol_of(variables)
    most = (
        _MOST_PIXELS if protocol is not Protocol.BLOCKS else (max(1, columns - 2), 2 * _MOST_ROWS)
    )
    pixels = _drawn(path, protocol, most)
    return "" if pixels is None else _WRITERS[protocol](pixels)


def _drawn(path: Path, protocol: Protocol, most: tuple[int, int]) -> Pixels | None:
    worker = [sys.executable, "-P", "-m", "qwen3cli.render.picture_worker"]
    try:
        done = subprocess.run(
            [*worker, protocol.value.strip(), *map(str, most)],
            input=path.read_bytes(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):  # or it is gone
        return None
    size, _, data = done.stdout.partition(b"\n")
    if done.returncode != 0 or not data:
        return None
    width, height = map(int, size.split())
    return Pixels(width, height, data)


def _kitty(pixels: Pixels) -> str:
    text = base64.b64encode(pixels.data).decode()
    pieces = [text[at : at + _KITTY_CHARACTERS] for at in range(0, len(text), _KITTY_CHARACTERS)]
    last = len(pieces) - 1
    told = [
        ("a=T,f=100,q=2," if at == 0 else "") + f"m={int(at < last)}" for at in range(len(pieces))
    ]
    drawn = "".join(f"\x1b_G{how};{piece}\x1b\\" for how, piece in zip(told, pieces, strict=True))
    return f"{drawn}\n"


def _iterm(pixels: Pixels) -> str:
    text = base64.b64encode(pixels.data).decode()
    return f"\x1b]1337;File=inline=1;size={len(pixels.data)}:{text}\x07\n"


def _sixel(pixels: Pixels) -> str:
    palette, indices = pixels.data[:_PALETTE_BYTES], pixels.data[_PALETTE_BYTES:]
    width = pixels.width
    used = sorted(set(indices))
    colours = "".join(
        f"#{each};2;"
        + ";".join(str(round(part / 2.55)) for part in palette[3 * each : 3 * each + 3])
        for each in used
    )
    bands = []
    for top in range(0, pixels.height, _SIXEL_ROWS):
        rows = [
            indices[at * width : (at + 1) * width]
            for at in range(top, min(top + _SIXEL_ROWS, pixels.height))
        ]
        bands.append("$".join(_band(rows)))
    return f'\x1bP0;1q"1;1;{width};{pixels.height}{colours}{"-".join(bands)}\x1b\\\n'


def _band(rows: list[bytes]) -> Iterator[str]:
    """Six rows, one colour after the other."""
    for colour in sorted(set(b"".join(rows))):
        masks = (
            sum(1 << bit for bit, row in enumerate(rows) if row[x] == colour)
            for x in range(len(rows[0]))
        )
        yield f"#{colour}" + "".join(
            _run(chr(63 + mask), len(list(same))) for mask, same in groupby(masks)
        )


def _run(character: str, count: int) -> str:
    return f"!{count}{character}" if count > 3 else character * count


def _blocks(pixels: Pixels) -> str:
    """Two rows of pixels in each row of cells; below the last row there may be nothing."""
    lines = []
    for y in range(0, pixels.height, 2):
        above, below = _row(pixels, y), _row(pixels, y + 1)
        cells = groupby(zip(above, below, strict=True))
        lines.append("".join(_cell(*pair, len(list(same))) for pair, same in cells) + "\x1b[0m")
    return "\n".join(lines) + "\n"


def _row(pixels: Pixels, y: int) -> list[bytes]:
    starts = range(3 * y * pixels.width, 3 * (y + 1) * pixels.width, 3)
    return [pixels.data[at : at + 3] for at in starts]


def _cell(above: bytes, below: bytes, count: int) -> str:
    under = "\x1b[48;2;{};{};{}m".format(*below) if below else "\x1b[49m"
    return "\x1b[38;2;{};{};{}m".format(*above) + under + "\u2580" * count


_WRITERS = {
    Protocol.KITTY: _kitty,
    Protocol.ITERM: _iterm,
    Protocol.SIXEL: _sixel,
    Protocol.BLOCKS: _blocks,
}
