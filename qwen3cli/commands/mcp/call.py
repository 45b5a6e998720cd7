"""`mcp call`: one tool of one server, without a model."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ToolFailed, UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.commands.forms import FormDialogue
from qwen3cli.commands.mcp import ServersRequest, opened
from qwen3cli.commands.mcp.login import ShownLogin
from qwen3cli.render.json_output import as_json
from qwen3cli.render.status import StatusLine
from qwen3cli.tools.checking import argument_fault
from qwen3cli.tools.results import result_text
from qwen3cli.tools.tool import (
    Content,
    Form,
    FormAnswer,
    LinkContent,
    TextContent,
    Tool,
    ToolResult,
)


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What to call. `answers` is what to say to forms, as JSON; None: the user is asked."""

    server: str
    tool: str
    arguments: str
    answers: str | None = None
    login: bool = False  # show where to log in, if the server asks for it


def run_call(
    request: ServersRequest, call: CallRequest, environment: Environment, *, as_object: bool
) -> None:
    """Call it, and print what it returned.

    Raises:
        UsageProblem: there is no such server or tool, or its arguments make no sense.
        ServerFailed: the server does not answer.
        ToolFailed: the call failed; what it returned is printed.
    """
    server, given = call.server, _object(call.arguments, "arguments")
    answers = None if call.answers is None else _object(call.answers, "answers")
    login = ShownLogin(environment) if call.login else None
    with opened(request, environment, login) as servers:
        offered = servers.tools([server])
        if server in servers.problems:
            raise servers.problems[server]
        tool = _named(call.tool, server, offered)
        # A null is sent as it was given, and stands for an argument that was not.
        meant = {name: value for name, value in given.items() if value is not None}
        if fault := argument_fault(tool.definition.parameters, meant):
            raise UsageProblem(fault, f"qwen3 mcp tools {server} --json")
        with StatusLine(environment) as status:
            result = tool.call(given, _Watch(call.tool, status, FormDialogue(environment, answers)))
    if as_object:
        environment.stdout.put(as_json(_fields(result)))
    elif not result.failed:
        environment.stdout.put(
            result_text(result, lambda _media: "not shown; --json has it") + "\n"
        )
    if result.failed:
        raise ToolFailed(f"{server}:{call.tool} failed: {_reason(result)}")


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError) as problem:
        raise UsageProblem(f"the {what} are no JSON: {problem}", '\'{"name": "text"}\'') from None
    if not isinstance(value, dict):
        raise UsageProblem(f"the {what} are no JSON object", '\'{"name": "text"}\'')
    return value


def _named(name: str, server: str, offered: list[Tool]) -> Tool:
    by_name = {each.definition.own_name or each.definition.name: each for each in offered}
    if name not in by_name:
        raise UsageProblem(
            f"{server} has no tool {name}{did_you_mean(name, by_name)}", f"qwen3 mcp tools {server}"
        )
    return by_name[name]


def _reason(result: ToolResult) -> str:
    return result_text(result, lambda _media: "not shown").removeprefix("error: ")


def _fields(result: ToolResult) -> dict[str, Any]:
    return {
        "failed": result.failed,
        "structured": result.structured,
        "contents": [_content(each) for each in result.contents],
    }


def _content(content: Content) -> dict[str, Any]:
    if isinstance(content, TextContent):
        return {"type": "text", "text": content.text, "uri": content.uri}
    if isinstance(content, LinkContent):
        return {"type": "link", "uri": content.uri, "name": content.name, "mime": content.mime}
    data = base64.b64encode(content.data).decode()
    return {"type": "media", "mime": content.mime, "uri": content.uri, "data": data}


class _Watch:
    """Shows how far the call has come, and lets the user fill in forms."""

    def __init__(self, name: str, status: StatusLine, forms: FormDialogue) -> None:
        self._name = name
        self._status = status
        self._forms = forms

    def progress(self, done: float, total: float | None, message: str) -> None:
        """On the line of progress."""
        share = f"{done:g} of {total:g}" if total else f"{done:g}"
        self._status.show(f"{self._name}: {share} {message}".rstrip())

    def should_stop(self) -> bool:
        """Never: Ctrl-C ends the command, and with it the call."""
        return False

    def ask(self, form: Form) -> FormAnswer:
        """Below the line of progress."""
        self._status.clear()
        return self._forms.ask(form)
