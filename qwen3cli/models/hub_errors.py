"""What goes wrong with a hub: which problems pass, how long to wait for that, and what to tell the user.

With `hub` the only file that knows `huggingface_hub`.
"""

import errno
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qwen3cli.base.errors import DownloadFailed, SourceFailed

# Attempts in a row that bring not one byte, before giving up; the waits between them double, so that is a minute or two.
_FRUITLESS_ATTEMPTS = 8
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 30.0
# A source that sends a file of another length than it said is asked once more.
_WRONG_LENGTH_ATTEMPTS = 2
_LONGEST_TOLD_WAIT_SECONDS, _DIGITS_OF_A_LONG_WAIT = 300, 6
_AGAIN = "run the same command again: it goes on where it stopped"
_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


class RetryPolicy:
    """Whether waiting and trying again can help, and for how long. The first question of all is not repeated to a hub
    that cannot be reached: the machine is likely off line, and its user should not wait to be told."""

    def __init__(self, *, first_question: bool = False) -> None:
        self._first_question = first_question
        self._fruitless = 0

    def wait(
        self, problem: Exception, waiting: Callable[[], None], *, gained: bool = False
    ) -> None:
        """Sleep before the next attempt, or raise the problem again. `gained`: some bytes came."""
        self._fruitless = 0 if gained else self._fruitless + 1
        if self._fruitless >= self._attempts(problem):
            raise problem
        waiting()
        doubled = _FIRST_WAIT_SECONDS * 2 ** max(0, self._fruitless - 1)
        time.sleep(_told_to_wait(problem) or min(_LONGEST_WAIT_SECONDS, doubled))

    def _attempts(self, problem: Exception) -> int:
        from huggingface_hub.errors import HfHubHTTPError

        if isinstance(problem, HfHubHTTPError):
            passing = problem.response.status_code in (408, 429, 500, 502, 503, 504)
            return _FRUITLESS_ATTEMPTS if passing else 0
        if isinstance(problem, OSError):  # with a number it is the disk, without one a wrong length
            return _WRONG_LENGTH_ATTEMPTS if problem.errno is None else 0
        if not _is_transport(problem) or (self._first_question and _is_unreachable(problem)):
            return 0
        return _FRUITLESS_ATTEMPTS


def _told_to_wait(problem: Exception) -> float | None:
    """The seconds that a busy hub asks for (Retry-After), if it does.

    Raises:
        SourceFailed: it asks for more than anybody would sit through.
    """
    response = getattr(problem, "response", None)
    told = response.headers.get("retry-after", "") if response is not None else ""
    if not (told.isascii() and told.isdecimal()):
        return None
    if len(told) > _DIGITS_OF_A_LONG_WAIT or int(told) > _LONGEST_TOLD_WAIT_SECONDS:
        raise SourceFailed(f"the hub is busy and asks to come back in {told} s", _AGAIN)
    return float(told)


def _is_unreachable(problem: Exception) -> bool:
    """No connection was made at all: no such host, nobody listens, a proxy says no."""
    return type(problem).__name__ in ("ConnectError", "ConnectTimeout", "ProxyError")


def _is_transport(problem: Exception) -> bool:
    return type(problem).__module__.partition(".")[0] in (
        "httpx",
        "httpx2",
        "httpcore",
        "httpcore2",
    )


def _disk_problem(problem: OSError, path: str) -> DownloadFailed:
    where = f": {problem.filename}" if problem.filename else ""
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return DownloadFailed(
            f"cannot write to the cache ({problem.strerror}{where})",
            "set HF_HOME to a folder of your own",
        )
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadFailed(
            f"the disk is full; what came of {path} is kept", "make room, then " + _AGAIN
        )
    return DownloadFailed(f"{path}: {problem.strerror or problem}", _AGAIN)


def _host(problem: Exception) -> str:
    request = getattr(problem, "_request", None)
    return str(request.url.host) if request is not None else "the hub"


@contextmanager
def expecting_hub_answer(path: str) -> Iterator[None]:
    """Around the reading of an answer: what does not have its shape is not a hub's."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as problem:
        raise SourceFailed(
            f"{path}: the answer is not a hub's (a login page, perhaps)", "open it in a browser"
        ) from problem


@contextmanager
def translated_errors(path: str) -> Iterator[None]:
    """The client's errors as ours, with what to do about them."""
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        yield
    except GatedRepoError as problem:
        raise SourceFailed(
            f"{path}: the hub asks for a token that may read it", "set HF_TOKEN"
        ) from problem
    except RepositoryNotFoundError as problem:
        raise SourceFailed(
            f"{path}: the hub knows no such repository, or wants a token for it",
            "set HF_TOKEN, or check the name",
        ) from problem
    except (EntryNotFoundError, RevisionNotFoundError) as problem:
        raise SourceFailed(
            f"{path} is not on the hub any more", "try --from modelscope"
        ) from problem
    except HfHubHTTPError as problem:
        code = problem.response.status_code
        hint = "set HF_TOKEN to a token that may read it" if code in (401, 403) else _AGAIN
        raise SourceFailed(f"the hub answered {code} for {path}", hint) from problem
    except OSError as problem:
        raise _disk_problem(problem, path) from problem
    except Exception as problem:
        # The transport library changes its name between releases, so it is known by where its errors are defined.
        if not _is_transport(problem):
            raise
        if _is_unreachable(problem):
            reason = _NUMBER.sub("", str(problem))
            raise SourceFailed(
                f"{_host(problem)} cannot be reached ({reason})",
                "check the network; --from takes another source; --size demo needs none",
            ) from problem
        raise SourceFailed(
            f"{path}: the line broke ({problem or type(problem).__name__})", _AGAIN
        ) from problem
