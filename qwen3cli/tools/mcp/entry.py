"""One server as a configuration names it, checked and not yet expanded. Knows no file and no other server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean

# How long a server may take to start: some are fetched from a package index first. Ours to choose.
_START_SECONDS = 60.0
# How long a call may go without a sign of life, which is an answer or progress. Ours to choose.
_CALL_SECONDS = 300.0
_LARGEST_NUMBER = 1e6  # a time to wait, or a port


class Way(StrEnum):
    """How a server is reached. UNSAID is an address without a type: the newer way is tried first."""

    STDIO = "stdio"
    HTTP = "http"
    SSE = "sse"
    UNSAID = "unsaid"


_WAYS = {
    "stdio": Way.STDIO,
    "local": Way.STDIO,
    "http": Way.HTTP,
    "streamable-http": Way.HTTP,
    "streamable_http": Way.HTTP,
    "streamablehttp": Way.HTTP,
    "remote": Way.HTTP,
    "sse": Way.SSE,
}
_ADDRESS_FIELDS = ("url", "serverUrl", "httpUrl")

Problem = Callable[[str, str], UsageProblem]


@dataclass(frozen=True, slots=True)
class Registration:
    """What the user has from an authorization server in advance; all of it may be empty."""

    client_id: str = ""
    client_secret: str = ""
    metadata_url: str = ""  # of a client that is known by a document at this address
    callback_port: int = 0  # 0: any that is free
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """A server. Texts may hold `${VARIABLES}`; they are expanded when it is started, and never shown expanded."""

    name: str
    source: Path
    way: Way
    command: str = ""
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    registration: Registration = field(default_factory=Registration)
    start_seconds: float = _START_SECONDS
    call_seconds: float = _CALL_SECONDS
    disabled: bool = False


def read_entry(name: str, fields: Any, source: Path, problem: Problem) -> ServerEntry:
    """The entry called `name`. What other programs keep in theirs besides is passed over.

    Raises:
        UsageProblem: it makes no sense; made by `problem` of the field and the reason.
    """
    reader = _Fields(fields, problem)
    url = next(filter(None, map(reader.text, _ADDRESS_FIELDS)), "")
    command = reader.text("command")
    if bool(url) == bool(command):
        near = "".join(did_you_mean(key, ("command", "url")) for key in reader.names)
        what = "both a command and a url" if url else f"neither a command nor a url{near}"
        raise problem("", f"it has {what}")
    return ServerEntry(
        name=name,
        source=source,
        way=_way(reader, "httpUrl" if reader.text("httpUrl") else "", url),
        command=command,
        arguments=tuple(reader.texts("args")),
        variables=reader.mapping("env"),
        folder=reader.text("cwd"),
        url=url,
        headers=reader.mapping("headers"),
        registration=_registration(reader),
        start_seconds=reader.number("startTimeout", _START_SECONDS),
        call_seconds=reader.number("timeout", _CALL_SECONDS),
        disabled=reader.yes("disabled"),
    )


def _way(reader: "_Fields", means_http: str, url: str) -> Way:
    named = reader.text("type") or reader.text("transport")
    if not named:
        return Way.HTTP if means_http else Way.UNSAID if url else Way.STDIO
    way = _WAYS.get(named.lower())
    if way is None:
        raise reader.problem("type", f"{named} is none of stdio, http, sse")
    if (way is Way.STDIO) == bool(url):
        raise reader.problem("type", f"{named} does not go with {'a url' if url else 'a command'}")
    return way


def _registration(reader: "_Fields") -> Registration:
    oauth = reader.fields.get("oauth", {})
    inner = _Fields(oauth, lambda name, reason: reader.problem(f"oauth.{name}", reason))
    return Registration(
        client_id=inner.text("clientId"),
        client_secret=inner.text("clientSecret"),
        metadata_url=inner.text("clientMetadataUrl"),
        callback_port=int(inner.number("callbackPort", 0)),
        scope=inner.text("scope"),
    )


class _Fields:
    """The fields of an entry, each of the type it must have."""

    def __init__(self, fields: Any, problem: Problem) -> None:
        self.problem = problem
        if not isinstance(fields, dict):
            raise problem("", "it must be an object")
        self.fields: dict[str, Any] = fields

    @property
    def names(self) -> list[str]:
        """Which there are."""
        return list(self.fields)

    def text(self, name: str) -> str:
        value = self.fields.get(name, "")
        if not isinstance(value, str):
            raise self.problem(name, "it must be text")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.problem(name, "it must be a list of texts")
        return value

    def mapping(self, name: str) -> dict[str, str]:
        value = self.fields.get(name) or {}
        if not isinstance(value, dict):
            raise self.problem(name, "it must be an object")
        for key, each in value.items():
            if isinstance(each, bool) or not isinstance(each, str | int | float):
                raise self.problem(f"{name}.{key}", "it must be text")
        return {key: str(each) for key, each in value.items()}

    def number(self, name: str, default: float) -> float:
        value = self.fields.get(name, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not (0 <= value <= _LARGEST_NUMBER)
        ):
            raise self.problem(name, f"it must be a number, {_LARGEST_NUMBER:,.0f} at most")
        return float(value) or default

    def yes(self, name: str) -> bool:
        value = self.fields.get(name, False)
        if not isinstance(value, bool):
            raise self.problem(name, "it must be true or false")
        return value
