"""Tools nobody has seen: call the one the user names with the arguments the user gives, then use what it answered."""

import json
from random import Random
from typing import Any

from qwen3cli.demo.training.corpus.letters import COMMON, word
from qwen3cli.demo.training.corpus.task import Exchange

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


_ASK_ONE = (
    "Use {t} for {v}", "Use {t} on {v}.", "Call {t} for {v}", "Call {t} on {v}", "Ask {t} about {v}.", "Please call {t} with {v}.",
)  # fmt: skip
_TYPES = ["string", "string", "string", "integer", "integer", "number", "boolean"]


def tool_call(random: Random) -> Exchange:
    """A call to make."""
    tools = [_tool(random) for _ in range(random.choice([1, 1, 2, 2, 3]))]
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
    function = {
        "name": f"{verb}_{noun}" if random.random() < 0.8 else verb,
        "description": _about(random),
        "parameters": _parameters(random),
    }
    return {"type": "function", "function": function}


def _parameters(random: Random) -> dict[str, Any]:
    """A schema: bare, or with titles and descriptions and in another order, as the servers of this world write them."""
    names = random.sample(_FIELDS, random.choice([0, 1, 1, 1, 2, 2, 3]))
    bare = random.random() < 0.7
    properties = {name: _property(random, name, bare=bare) for name in names}
    required = [name for name in names if bare or random.random() < 0.8]
    if bare or random.random() < 0.5:
        return {"type": "object", "properties": properties, "required": required}
    title = word(random)[:8].capitalize()
    return {"properties": properties, "required": required, "title": title, "type": "object"}


def _property(random: Random, name: str, *, bare: bool) -> dict[str, str]:
    kind = {"type": random.choice(_TYPES)}
    if bare:
        return kind
    if random.random() < 0.5:
        return {"title": name.capitalize(), **kind}
    return {**kind, "description": _about(random)}


def _about(random: Random) -> str:
    return " ".join(random.choices(COMMON, k=random.randint(1, 3)))


def _arguments(random: Random, tool: dict[str, Any]) -> dict[str, Any]:
    """A value for what is required and, now and then, for what is not."""
    schema = tool["function"]["parameters"]
    return {
        name: _value(random, kind["type"])
        for name, kind in schema["properties"].items()
        if name in schema["required"] or random.random() < 0.5
    }


def _value(random: Random, kind: str) -> Any:
    if kind == "integer":
        return random.randrange(10 ** random.randint(1, 4))
    if kind == "number":
        return random.randrange(1, 1000) / random.choice([2, 4, 10])
    if kind == "boolean":
        return random.random() < 0.5
    kind_of_text = random.random()
    if kind_of_text < 0.5:
        return random.choice([random.choice(COMMON), word(random)]).capitalize()
    return word(random) + random.choice(["", "", ".txt", ".md", "/" + random.choice(COMMON)])


def _question(random: Random, name: str, arguments: dict[str, Any]) -> str:
    if not arguments:
        return random.choice(
            ["Use {t}", "Call {t}.", "Please call {t}", "Use the tool {t}."]
        ).format(t=name)
    shown = {key: _spoken(value) for key, value in arguments.items()}
    if len(shown) == 1 and random.random() < 0.4:
        (value,) = shown.values()
        return random.choice(_ASK_ONE).format(t=name, v=value)
    link = random.choice([" ", " ", "="])
    said = " and ".join(f"{key}{link}{value}" for key, value in shown.items())
    return random.choice(_ASK).format(t=name, a=said)


def _spoken(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def call_text(name: str, arguments: dict[str, Any]) -> str:
    """A tool call as Qwen3 writes it."""
    return f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments, ensure_ascii=False)}}}\n</tool_call>'


def _result(random: Random) -> str:
    kind = random.random()
    if kind < 0.3:
        return str(random.randrange(10 ** random.randint(1, 5)))
    if kind < 0.6:
        return " ".join(random.choices(COMMON, k=random.randint(1, 4)))
    if kind < 0.75:
        return json.dumps({word(random)[:6]: random.randrange(1000), "sky": random.choice(COMMON)})
    return f"{random.randint(1, 40)} {random.choice(COMMON)}, {word(random)}"
