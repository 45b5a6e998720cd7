"""A server of the Model Context Protocol, over stdio, for tests: tools whose arguments the demo model can spell.

    python mcp_city.py [--log FILE]

`get_weather(city)` answers, `get_price(name)` fails, `set_note(text)` writes a line into the log, `get_news(query)` returns
a long text, with escape sequences in it.
"""

import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer

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


if __name__ == "__main__":
    server.run("stdio")
