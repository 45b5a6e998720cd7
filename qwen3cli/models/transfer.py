"""The bytes of one file, fetched piece by piece over several connections until they are all there.

Nothing is written before status, range and length of an answer were checked, and nothing beyond the end of its piece.

    piece       a run of missing bytes, asked for with its end, so that a connection that breaks has little on the way
    worker      asks for the next piece, again and again; one whose request brought nothing ends
    round       the workers, until all have ended: nothing is missing, or nobody gets any further. Those that are left
                when nobody has heard anything for long are left behind, with nothing more to write
    between     a wait, and the address asked for anew: it may have been signed for a limited time

The first worker goes ahead with one piece. If the server knows no ranges its answer is the whole file. It takes that if
nothing has come yet; else it asks again, and only a server that goes on so is believed, since what came comes twice.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from qwen3cli.base.errors import SourceFailed
from qwen3cli.base.units import bytes_text
from qwen3cli.models.background import run_concurrently
from qwen3cli.models.hub_errors import RetryPolicy, TransientError, error_for_status, login_page
from qwen3cli.models.partial import BLOCK_BYTES, Partial, Piece
from qwen3cli.models.sources import RemoteFile
from qwen3cli.models.transport import Response, Transport

# One connection seldom fills a line, and these do nearly everywhere; more are taken for an attack by some servers.
_CONNECTIONS = 8
# A file has as many connections as it has pieces of this size: below, setting them up costs more than they bring.
_BYTES_FOR_A_CONNECTION = 8 * 2**20
# What is asked for at once, and so the most that can be lost on its way: 1 MiB over all connections where the server
# answers soon...
_SMALLEST_PIECE_BYTES = 2**20 // _CONNECTIONS
_SOON_SECONDS = 0.02
_ANSWERS_TO_JUDGE_BY = 2 * _CONNECTIONS  # by the quickest: some had to connect first
# ... and where it does not, so much that waiting for the answer takes a tenth of the time at 8 MB/s for each connection.
_PIECE_BYTES_PER_SECOND = 80e6
_LARGEST_PIECE_BYTES = 4 * 2**20
# Slower than a modem of 1998 is a line that has died without a word.
_SLOWEST_BYTES_PER_SECOND, _PATIENCE_SECONDS = 1024, 30
# Answers that are wrong in themselves are asked for once more: a cache on the way may have been at fault, or the
# address too old.
_ATTEMPTS_OF_WRONG_ANSWERS = 2
# Many machines answer for one hub. Where so many answers in a row were the whole file, all of them know no ranges.
_WHOLE_FILES_TO_BELIEVE = 3

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


@dataclass(slots=True)
class _Round:
    """What the workers of one round share."""

    remote: RemoteFile
    # Where the last answer came from: asking there saves being sent there again.
    address: str
    problem: TransientError | None = None
    may_follow: threading.Event = field(default_factory=threading.Event)
    is_over: bool = False

    @property
    def must_wait(self) -> bool:
        """Whether the hub told one worker to wait: that holds for all of them."""
        return self.problem is not None and self.problem.wait is not None


class Transfer:
    """Fetches what is missing of a file."""

    def __init__(
        self,
        path: str,
        partial: Partial,
        transport: Transport,
        report: Callable[[], None],
    ) -> None:
        """`report` is called again and again, by the caller's thread."""
        self._path = path
        self._partial = partial
        self._transport = transport
        self._report = report
        self._latencies_seconds: list[float] = []  # of the first answers
        self._connections = _CONNECTIONS
        self._whole_files = 0  # answers in a row

    def run(
        self, remote: RemoteFile, locate: Callable[[], RemoteFile], retries: RetryPolicy
    ) -> None:
        """Fetch until nothing is missing. `locate` asks for the address anew.

        Raises:
            SourceFailed: the source cannot give it; says how much came.
            OSError: the disk.
        """
        self._report()
        try:
            while not self._partial.is_whole:
                before = self._partial.came_bytes
                problem = self._round(remote)
                if problem is not None and not self._partial.is_whole:
                    retries.wait(problem, gained=self._partial.came_bytes > before)
                    remote = locate()
        except SourceFailed as problem:
            came = f"{bytes_text(self._partial.came_bytes)} of {bytes_text(remote.bytes)} are here"
            raise SourceFailed(f"{problem.message}; {came}", problem.hint) from problem

    def _round(self, remote: RemoteFile) -> TransientError | None:
        """One round; returns what kept it from getting everything."""
        shared = _Round(remote, remote.url)
        missing = self._partial.total_bytes - self._partial.came_bytes
        connections = min(self._connections, 1 + missing // _BYTES_FOR_A_CONNECTION)

        def first() -> None:
            try:
                self._work(shared)
            finally:
                shared.may_follow.set()

        def other() -> None:
            shared.may_follow.wait()
            if shared.problem is None:
                self._work(shared)

        try:
            run_concurrently([first, *[other] * (connections - 1)], self._look, at_once=connections)
        except TransientError as silence:
            shared.problem = silence
        finally:
            shared.is_over = True
            self._partial.release_all()
        self._report()
        if shared.must_wait:
            self._connections = max(1, connections // 2)
        return shared.problem

    def _look(self) -> None:
        self._report()
        self._transport.check_life()

    def _work(self, shared: _Round) -> None:
        """Fetch pieces until none is left, or a request brings nothing."""
        while not (shared.must_wait or shared.is_over):
            piece = self._partial.claim(self._piece_bytes())
            if piece is None:
                return
            began = piece.start
            try:
                self._fetch(shared, piece)
            except TransientError as problem:
                shared.problem = problem
                if piece.start < began + BLOCK_BYTES:
                    return
            finally:
                self._partial.release(piece)

    def _piece_bytes(self) -> int:
        seen = self._latencies_seconds
        if len(seen) < _ANSWERS_TO_JUDGE_BY or min(seen) < _SOON_SECONDS:
            return _SMALLEST_PIECE_BYTES
        return min(int(min(seen) * _PIECE_BYTES_PER_SECOND), _LARGEST_PIECE_BYTES)

    def _fetch(self, shared: _Round, piece: Piece) -> None:
        headers = shared.remote.headers
        wanted = {"range": f"bytes={piece.start}-{piece.end - 1}", "accept-encoding": "identity"}
        asked_at = time.monotonic()
        with self._transport.stream(shared.address, headers | wanted) as (answer, chunks):
            if len(self._latencies_seconds) < _ANSWERS_TO_JUDGE_BY:
                self._latencies_seconds.append(time.monotonic() - asked_at)
            if answer.status == 200 and not shared.may_follow.is_set() and self._knows_no_ranges():
                self._partial.claim_all(piece)
            self._check(answer, piece)
            shared.may_follow.set()
            if not headers:  # they may have the token, which is for that address alone
                shared.address = answer.url
            self._take(piece, chunks)

    def _knows_no_ranges(self) -> bool:
        return self._partial.came_bytes == 0 or self._whole_files >= _WHOLE_FILES_TO_BELIEVE

    def _check(self, answer: Response, piece: Piece) -> None:
        """Whether an answer holds the bytes that were asked for. One that goes on behind them is taken as it is."""
        headers, whole = answer.headers, self._partial.total_bytes
        if answer.status == 200 and answer.is_page:
            raise login_page(self._path)
        if answer.status not in (200, 206):
            raise self._refusal(answer)
        self._whole_files = self._whole_files + 1 if answer.status == 200 else 0
        if answer.status == 200 and piece.start > 0:
            raise TransientError(f"{answer.host} sends the whole file where a part is asked for")
        told = _RANGE.fullmatch(headers.get("content-range", ""))
        start, last, total = (0, whole - 1, whole) if answer.status == 200 else _numbers(told)
        if (
            (start, total) != (piece.start, whole)
            or not piece.end <= last + 1 <= whole
            or headers.get("content-length", f"{last + 1 - start}") != f"{last + 1 - start}"
            or headers.get("content-encoding", "identity") != "identity"
        ):
            raise TransientError(
                f"{answer.host} sends something else than bytes {piece.start:,} to {piece.end:,} of {whole:,}",
                "look for a newer qwen3, or take another --from",
                attempts=_ATTEMPTS_OF_WRONG_ANSWERS,
            )
        self._partial.extend(piece, last + 1)

    def _refusal(self, answer: Response) -> SourceFailed:
        problem = error_for_status(answer.status, answer.headers, self._path)
        if answer.status == 416:
            return SourceFailed(
                f"{answer.host} says that {self._path} ends earlier than the hub says (416)",
                problem.hint,
            )
        if answer.status in (401, 403):  # what storage says of an address whose time is over
            return TransientError(
                problem.message, problem.hint, attempts=_ATTEMPTS_OF_WRONG_ANSWERS
            )
        return problem

    def _take(self, piece: Piece, chunks: Iterator[bytes]) -> None:
        """Write what comes, to the end of the piece; what a server sends beyond it is not even read."""
        began, asked_at = piece.start, time.monotonic()
        for chunk in chunks:
            if piece.start == piece.end:
                return
            self._partial.write(piece, chunk)
            took = time.monotonic() - asked_at
            if took > _PATIENCE_SECONDS and piece.start - began < took * _SLOWEST_BYTES_PER_SECOND:
                raise TransientError(
                    f"less than {_SLOWEST_BYTES_PER_SECOND} bytes come in a second"
                )
        if piece.start < piece.end:
            raise TransientError("the answer ended too early")


def _numbers(told: re.Match[str] | None) -> tuple[int, int, int]:
    """First, last and all bytes of a range; impossible ones where none was told."""
    return (int(told[1]), int(told[2]), int(told[3])) if told else (-1, -1, -1)
