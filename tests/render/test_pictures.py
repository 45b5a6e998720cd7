"""Pictures on a terminal: each protocol, drawn anew by a child; what is no picture, or a bomb, draws nothing."""

import base64
import io
import re
import struct
import zlib

import pytest
from PIL import Image

from qwen3cli.render.pictures import picture_text

KITTY, ITERM, SIXEL, BLOCKS = (
    {"TERM": "xterm-kitty"}, {"TERM_PROGRAM": "iTerm.app"}, {"TERM": "foot"}, {"TERM": "xterm-256color"},
)  # fmt: skip


@pytest.fixture
def flag(tmp_path):
    """Two pixels wide, three high: red, green, blue."""
    picture = Image.new("RGB", (2, 3))
    picture.putdata([(255, 0, 0)] * 2 + [(0, 255, 0)] * 2 + [(0, 0, 255)] * 2)
    picture.save(tmp_path / "flag.png")
    return tmp_path / "flag.png"


def test_half_blocks_hold_two_pixels_each_and_nothing_below_the_last_row(flag):
    assert picture_text(flag, BLOCKS, 80) == (
        "\x1b[38;2;255;0;0m\x1b[48;2;0;255;0m▀▀\x1b[0m\n\x1b[38;2;0;0;255m\x1b[49m▀▀\x1b[0m\n"
    )


@pytest.mark.parametrize(
    ("variables", "pattern"),
    [
        (KITTY, r"\x1b_Ga=T,f=100,q=2,m=0;(.*)\x1b\\\n"),
        (ITERM, r"\x1b\]1337;File=inline=1;size=\d+:(.*)\x07\n"),
    ],
)
def test_kitty_and_iterm_are_given_the_picture_drawn_anew(flag, variables, pattern):
    found = re.fullmatch(pattern, picture_text(flag, variables, 80))
    assert found is not None
    drawn = Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB")
    assert (drawn.size, drawn.getpixel((0, 1))) == ((2, 3), (0, 255, 0))


def test_sixel_has_its_colours_and_its_rows(flag):
    text = picture_text(flag, SIXEL, 80)
    assert text.startswith('\x1bP0;1q"1;1;2;3#') and text.endswith("\x1b\\\n")
    assert sorted(re.findall(r"#\d+;2;([\d;]+)", text)) == ["0;0;100", "0;100;0", "100;0;0"]
    assert sorted(re.findall(r"#\d+([?-~]+)", text)) == ["@@", "AA", "CC"]


def test_inside_a_multiplexer_a_picture_is_made_of_blocks(flag):
    assert "▀" in picture_text(flag, KITTY | {"TMUX": "x"}, 80)


@pytest.mark.parametrize("kind", ["text", "cut", "bomb"])
def test_what_cannot_be_decoded_draws_nothing(tmp_path, flag, kind):
    path = tmp_path / "bad.png"
    side = 30_000
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000)))]
    bomb = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(
        {"text": b"no picture", "cut": flag.read_bytes()[:40], "bomb": b"\x89PNG\r\n\x1a\n" + bomb}[
            kind
        ]
    )
    assert picture_text(path, BLOCKS, 80) == ""
