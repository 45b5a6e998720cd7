"""What the SDK and HTTP raise, as errors of our own: what happened to this server, and what to type next."""

from collections.abc import Iterator

from qwen3cli.base.errors import QwenError, ServerFailed
from qwen3cli.tools.mcp.entry import ServerEntry

_LOGIN_MODULE, _HTTP_MODULE = "mcp.client.auth", "httpx2"
_UNAUTHORIZED = 401
_LONGEST = 500  # characters of what a server or a library says


def explained(
    problem: BaseException, entry: ServerEntry, *, ended: str = "", status: int = 0
) -> QwenError:
    """The error of our family. `ended`: how the server's program ended, `status`: of HTTP, if there was an error."""
    from pydantic import ValidationError

    cause = _cause(problem)
    if isinstance(cause, QwenError):
        return cause
    if type(cause).__module__.startswith(_LOGIN_MODULE):
        return ServerFailed(f"{entry.name}: the login failed: {_said(cause)}")
    if status == _UNAUTHORIZED:
        return ServerFailed(f"{entry.name} wants a login", f"qwen3 mcp login {entry.name}")
    verbose = f"qwen3 mcp list --verbose shows what {entry.name} wrote"
    if ended:
        return ServerFailed(f"{entry.name}: {ended}", verbose)
    if isinstance(cause, TimeoutError):
        seconds = f"{entry.start_seconds:g} seconds"
        return ServerFailed(f"{entry.name} did not answer within {seconds}", verbose)
    if isinstance(cause, ValidationError):
        first = cause.errors()[0]
        place = ".".join(map(str, first["loc"]))
        said = f"{place}: {first['msg'].lower()}"
        return ServerFailed(f"{entry.name} sent what the protocol does not have: {said}", verbose)
    if status:
        return ServerFailed(f"{entry.name} answered with HTTP status {status}: {_said(cause)}")
    if type(cause).__module__.startswith(_HTTP_MODULE):
        return ServerFailed(f"{entry.name} cannot be reached: {_said(cause)}")
    return ServerFailed(f"{entry.name}: {_said(cause)}", verbose)


def _cause(problem: BaseException) -> BaseException:
    """The first thing that went wrong, of a group; one of ours before others."""
    leaves = list(_leaves(problem))
    return next((each for each in leaves if isinstance(each, QwenError)), leaves[0])


def _leaves(problem: BaseException) -> Iterator[BaseException]:
    if isinstance(problem, BaseExceptionGroup):
        for each in problem.exceptions:
            yield from _leaves(each)
    else:
        yield problem


def _said(problem: BaseException) -> str:
    text = " ".join(str(problem).split())[:_LONGEST]
    return text or type(problem).__name__
