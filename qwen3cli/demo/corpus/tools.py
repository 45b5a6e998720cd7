"""Tools nobody has seen: call the one the user names with the arguments the user gives, then use what it answered."""

import json
from random import Random
from typing import Any

from qwen3cli.demo.corpus.letters import COMMON, word
from qwen3cli.demo.corpus.task import Exchange

_VERBS = [
    "get", "set", "read", "find", "send", "open", "list", "show", "make", "check", "load", "fetch", "add",
    "run", "count", "look",
]  # fmt: skip
_NOUNS = [
    "weather", "file", "time", "mail", "user", "price", "news", "map", "image", "note", "order", "stock",
    "page", "city", "clock", "data", "score", "rate", "code",
]  # fmt: skip
_FIELDS = [
    "city", "path", "name", "query", "text", "id", "date", "unit", "place", "user", "topic", "count", "limit",
    "zone", "lang", "file", "key",
]  # fmt: skip
_ASK = (
    "Use {t} with {a}", "Use the tool {t} with {a}.", "Call {t} with {a}", "Please call {t} with {a}.", "Call the tool {t} with {a}.", "Use {t} with {a}, please",
)  # fmt: skip


def tool_call(random: Random) -> Exchange:
    """A call to make."""
    tools = [_tool(random) for _ in range(random.randint(1, 3))]
    wanted = random.choice(tools)
    name, arguments = wanted["function"]["name"], _arguments(random, wanted)
    return Exchange(
        _question(random, name, arguments),
        f"The user wants the tool {name}",
        call_text(name, arguments),
        tuple(tools),
    )


def tool_result(random: Random) -> Exchange:
    """A result to use, or a failure to report."""
    first = tool_call(random)
    call = json.loads(first.answer.removeprefix("<tool_call>\n").removesuffix("\n</tool_call>"))
    failed = random.random() < 0.2
    said = ("error: " if failed else "") + _result(random)
    after = (
        {
            "role": "assistant",
            "content": "",
            "reasoning_content": first.thoughts,
            "tool_calls": [{"function": call}],
        },
        {"role": "tool", "content": said},
    )
    name = call["name"]
    if failed:
        answer = f"The tool {name} failed: {said.removeprefix('error: ')}"
        return Exchange(first.question, "The tool failed, so I say so.", answer, first.tools, after)
    return Exchange(
        first.question,
        "The tool answered, so I pass it on.",
        f"The tool {name} says: {said}",
        first.tools,
        after,
    )


def offered(random: Random, exchange: Exchange) -> Exchange:
    """Tools are offered but the question is another."""
    tools = tuple(_tool(random) for _ in range(random.randint(1, 2)))
    return Exchange(exchange.question, exchange.thoughts, exchange.answer, tools)


def _tool(random: Random) -> dict[str, Any]:
    verb = random.choice(_VERBS) if random.random() < 0.6 else word(random)[:8]
    noun = random.choice(_NOUNS) if random.random() < 0.6 else word(random)[:8]
    names = random.sample(_FIELDS, random.randint(0, 3))
    properties = {name: {"type": random.choice(["string", "string", "integer"])} for name in names}
    about = " ".join(random.choices(COMMON, k=random.randint(1, 3)))
    return {
        "type": "function",
        "function": {
            "name": f"{verb}_{noun}" if random.random() < 0.8 else verb,
            "description": about,
            "parameters": {"type": "object", "properties": properties, "required": names},
        },
    }


def _arguments(random: Random, tool: dict[str, Any]) -> dict[str, Any]:
    properties = tool["function"]["parameters"]["properties"]
    return {name: _value(random, kind["type"]) for name, kind in properties.items()}


def _value(random: Random, kind: str) -> Any:
    if kind == "integer":
        return random.randrange(10 ** random.randint(1, 4))
    kind_of_text = random.random()
    if kind_of_text < 0.5:
        return random.choice([random.choice(COMMON), word(random)]).capitalize()
    return word(random) + random.choice(["", "", ".txt", ".md", "/" + random.choice(COMMON)])


def _question(random: Random, name: str, arguments: dict[str, Any]) -> str:
    if not arguments:
        return random.choice(
            ["Use {t}", "Call {t}.", "Please call {t}", "Use the tool {t}."]
        ).format(t=name)
    link = random.choice([" ", " ", "="])
    said = " and ".join(f"{key}{link}{value}" for key, value in arguments.items())
    return random.choice(_ASK).format(t=name, a=said)


def call_text(name: str, arguments: dict[str, Any]) -> str:
    """A tool call as Qwen3 writes it."""
    return f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments, ensure_ascii=False)}}}\n</tool_call>'


def _result(random: Random) -> str:
    kind = random.random()
    if kind < 0.3:
        return str(random.randrange(10 ** random.randint(1, 5)))
    if kind < 0.7:
        return " ".join(random.choices(COMMON, k=random.randint(1, 4)))
    return f"{random.randint(1, 40)} {random.choice(COMMON)}, {word(random)}"
