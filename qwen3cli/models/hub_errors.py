"""What goes wrong with a hub, a line or a disk: what to tell the user, what passes, and how long to wait for that.

No message has anything of an address but its host: links are signed, and a hub may repeat a token that was sent to it.
"""

import errno
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from qwen3cli.base.errors import DownloadFailed, SourceFailed
from qwen3cli.base.shapes import OTHER_FORM

# Attempts in a row that bring nothing, before giving up; the waits between them double, so that is a minute or two.
FRUITLESS_ATTEMPTS = 8
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 30.0
# What a hub may ask us to wait in all, before something comes: the window over which the largest one counts requests.
_LONGEST_TOLD_WAIT_SECONDS = 300
_DIGITS_OF_A_LONG_WAIT = 6
_TOO_MANY_REQUESTS = 429
_PASSING_STATUSES = (
    408,
    425,
    _TOO_MANY_REQUESTS,
)  # and a server's own troubles, but for those that stay
_STAYING_STATUSES = (501, 505)
_LOGIN_STATUS = 511  # RFC 6585: what a portal should say, and seldom does
# HF's own header, for want of Retry-After: `"resolvers";r=0;t=55` has no request left for 55 seconds.
_RATE_LIMIT = re.compile(r"r=0;\s*t=(\d+)")

AGAIN = "run the same command again: it goes on where it stopped"
_TOKEN = "set HF_TOKEN to a token that may read it"
_ELSEWHERE = "check the name; --from takes another source"

_Answer = TypeVar("_Answer")


class TransientError(SourceFailed):
    """A problem that may be gone soon. `attempts`: how many may end with it in a row; `wait`: what the hub asked for."""

    def __init__(
        self,
        message: str,
        hint: str = AGAIN,
        *,
        attempts: int = FRUITLESS_ATTEMPTS,
        wait: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.attempts = attempts
        self.wait = wait


class Unreachable(TransientError):
    """No connection was made at all: no such host, nobody listens, a proxy says no."""


class RetryPolicy:
    """Whether waiting and trying again can help, and for how long. The first question of all is not repeated to a hub
    that cannot be reached: the machine is likely off line, and its user should not wait to be told."""

    def __init__(self, waiting: Callable[[str, float], None], *, first_question: bool = False):
        """`waiting` is told, every second, why and how long we still wait."""
        self._waiting = waiting
        self._first_question = first_question
        self._fruitless = 0
        self._told_seconds = 0.0

    def until_answered(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask until there is an answer, or no hope of one."""
        while True:
            try:
                return ask()
            except TransientError as problem:
                self.wait(problem)

    def wait(self, problem: TransientError, *, gained: bool = False) -> None:
        """Sleep before the next attempt, or raise the problem again. `gained`: some bytes came."""
        if gained:
            self._fruitless, self._told_seconds = 0, 0.0
        else:
            self._fruitless += 1
        unreachable = self._first_question and isinstance(problem, Unreachable)
        if unreachable or self._fruitless >= problem.attempts:
            raise problem
        doubled = _FIRST_WAIT_SECONDS * 2 ** max(0, self._fruitless - 1)
        left = min(_LONGEST_WAIT_SECONDS, doubled) if problem.wait is None else problem.wait
        self._told_seconds += problem.wait or 0.0
        if self._told_seconds > _LONGEST_TOLD_WAIT_SECONDS:
            raise problem
        while left > 0:
            self._waiting(problem.message, left)
            time.sleep(min(1.0, left))
            left -= 1.0


def error_for_status(status: int, headers: Mapping[str, str], path: str) -> SourceFailed:
    """What an answer that is no good says. `headers` have their names in small letters."""
    code = headers.get("x-error-code")
    if status == _LOGIN_STATUS:
        return login_page(path)
    if status in _PASSING_STATUSES or (status >= 500 and status not in _STAYING_STATUSES):
        return _busy(status, headers)
    if code == "GatedRepo":
        return SourceFailed(f"{path}: the hub asks for a token that may read it", _TOKEN)
    if code == "RepoNotFound" or (status == 401 and code is None):
        return SourceFailed(
            f"{path}: the hub knows no such repository, or wants a token for it",
            "set HF_TOKEN, or check the name",
        )
    if status in (401, 403):
        return SourceFailed(f"{path}: the hub does not let us have it ({status})", _TOKEN)
    if status in (404, 410):
        return SourceFailed(f"{path} is not on the hub any more ({status})", _ELSEWHERE)
    if status == 451:
        return SourceFailed(f"{path}: the law keeps the hub from giving it (451)", _ELSEWHERE)
    return SourceFailed(f"the hub answered {status} for {path}", _ELSEWHERE)


def login_page(path: str) -> SourceFailed:
    """Somebody between us and the hub answers in its place."""
    return SourceFailed(
        f"{path}: the answer is not a hub's but a page (to log in, perhaps); what came is kept",
        "open any page in a browser and log in, then run the same command again",
    )


@contextmanager
def expecting_hub_answer(path: str) -> Iterator[None]:
    """Around the reading of an answer: what does not have its shape is not a hub's."""
    try:
        yield
    except OTHER_FORM:
        raise login_page(path) from None


@contextmanager
def disk_errors(path: str) -> Iterator[None]:
    """What a disk says, in words, with what to do about it."""
    try:
        yield
    except OSError as problem:
        raise _disk_problem(problem, path) from problem


def _disk_problem(problem: OSError, path: str) -> DownloadFailed:
    where = f": {problem.filename}" if problem.filename else ""
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return DownloadFailed(
            f"cannot write to the cache ({problem.strerror}{where})",
            "set HF_HOME to a folder of your own",
        )
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadFailed(
            f"the disk is full; what came of {path} is kept", "make room, then " + AGAIN
        )
    return DownloadFailed(f"{path}: {problem.strerror or problem}", AGAIN)


def _busy(status: int, headers: Mapping[str, str]) -> TransientError:
    told = _told_seconds(headers)
    if told is None:
        return TransientError(f"the hub is busy or out of order ({status})")
    return TransientError(f"the hub is busy and asks to wait {told:.0f} s", wait=told)


def _told_seconds(headers: Mapping[str, str]) -> float | None:
    """The seconds that a busy hub asks for, if it does.

    Raises:
        SourceFailed: it asks for more than anybody would sit through.
    """
    told = _as_seconds(headers.get("retry-after", "").strip())
    if not told and (limit := _RATE_LIMIT.search(headers.get("ratelimit", ""))):
        told = limit.group(1)
    if not (told.isascii() and told.isdecimal()):
        return None
    if len(told) > _DIGITS_OF_A_LONG_WAIT or int(told) > _LONGEST_TOLD_WAIT_SECONDS:
        raise SourceFailed(f"the hub is busy and asks to come back in {told[:20]} s", AGAIN)
    return max(_FIRST_WAIT_SECONDS, float(told))


def _as_seconds(told: str) -> str:
    """A time to come back, as the seconds until then; other text as it is."""
    try:
        then = parsedate_to_datetime(told)
    except ValueError:
        return told
    left = then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)
    return str(max(0, math.ceil(left.total_seconds())))
