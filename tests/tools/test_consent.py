"""What was decided for good counts for the tool as it was described then, and for no other."""

from dataclasses import replace

import pytest

from qwen3cli.tools.consent import Consents, Verdict
from qwen3cli.tools.tool import ToolDefinition

TOOL = ToolDefinition(
    "write", "Writes.", {"type": "object"}, "notes", hints={"readOnlyHint": False}
)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_is_remembered(home, verdict):
    variables = {"HOME": str(home)}
    Consents(variables).remember(TOOL, verdict)
    assert Consents(variables).of(TOOL) is verdict


@pytest.mark.parametrize(
    "other",
    [
        replace(TOOL, description="Writes. And reads."),
        replace(TOOL, parameters={"type": "object", "properties": {"to": {}}}),
        replace(TOOL, hints={"readOnlyHint": True}),
        replace(TOOL, read_only=True),
        replace(TOOL, server="mail"),
        replace(TOOL, name="send"),
    ],
)
def test_it_does_not_count_for_a_tool_that_is_another_now(home, other):
    variables = {"HOME": str(home)}
    Consents(variables).remember(TOOL, Verdict.ALWAYS)
    assert Consents(variables).of(other) is None


@pytest.mark.parametrize("content", ["", "[]", '{"tools": 1}', "[" * 10_000, '{"tools": {"x": 1}}'])
def test_a_file_that_cannot_be_read_decides_nothing(home, content):
    variables = {"HOME": str(home)}
    consents = Consents(variables)
    consents.remember(TOOL, Verdict.ALWAYS)
    (path,) = home.rglob("tool-consent.json")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(content, encoding="utf-8")
    assert consents.of(TOOL) is None
