"""The tool `calc`: exact arithmetic, for models that are bad at it."""

from collections.abc import Mapping
from typing import Any

from qwen3cli.tools.built_in.arithmetic import evaluate
from qwen3cli.tools.built_in.number import CannotCompute
from qwen3cli.tools.built_in.tool import CLOSED_WORLD, SERVER, BuiltInTool, CallFailed, parameters
from qwen3cli.tools.tool import CallWatch, ToolDefinition


def _run(arguments: Mapping[str, Any], _watch: CallWatch) -> str:
    try:
        return str(evaluate(arguments["expression"]))
    except CannotCompute as problem:
        raise CallFailed(f"cannot compute that: {problem}") from None


CALC = BuiltInTool(
    ToolDefinition(
        "calc",
        "Compute an arithmetic expression exactly: + - * / // % ^ ! sqrt round floor ceil gcd lcm min max abs.",
        parameters({"expression": {"type": "string"}}, "expression"),
        SERVER,
        read_only=True,
        hints=CLOSED_WORLD,
    ),
    _run,
)
