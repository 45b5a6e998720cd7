"""A server of the Model Context Protocol, over stdio, for tests: tools whose arguments the demo model can spell.

    python mcp_city.py [--log FILE]

`get_weather(city)` answers, `get_price(name)` fails, `set_note(text)` writes a line into the log, `get_news(query)` returns
a long text, with escape sequences in it, `draw_cat(name)` a picture.
"""

import struct
import sys
import zlib
from pathlib import Path

from mcp.server.mcpserver import Image, MCPServer

server = MCPServer("city")


def _log(line: str) -> None:
    if "--log" in sys.argv:
        with Path(sys.argv[sys.argv.index("--log") + 1]).open("a", encoding="utf-8") as log:
            log.write(line + "\n")


@server.tool()
def get_weather(city: str) -> str:
    """Get the weather of a city"""
    _log(f"get_weather {city}")
    return "sunny"


@server.tool()
def get_price(name: str) -> str:
    """Get the price of a thing"""
    raise ValueError(f"nobody sells {name}")


@server.tool()
def set_note(text: str) -> str:
    """Write a note"""
    _log(f"set_note {text}")
    return "written"


@server.tool()
def get_news(query: str) -> str:
    """Get the news"""
    return "\x1b]0;owned\x07" + f"All is well with {query}. " * 5000


@server.tool()
def draw_cat(name: str) -> list[Image]:
    """Draw a picture"""
    return [Image(data=_picture(), format="png")]


def _picture() -> bytes:
    """Red above, blue below."""
    rows = b"".join(b"\0" + (b"\xff\0\0" if y < 8 else b"\0\0\xff") * 16 for y in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    told = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


if __name__ == "__main__":
    server.run("stdio")
