"""HTTP for model files: one client, whose settings are checked before the first question, and its errors in our words.

The only file that knows `httpx2`; it knows nothing of hubs. Of a request or an answer nothing gets into a message but
the host's name, a status and numbers: addresses are signed, headers have tokens, and a server may repeat both in what it
says. So the client's own texts are never shown; what the system says of a name, a connection or a certificate is.
"""

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from qwen3cli import __version__
from qwen3cli.base.errors import SourceFailed
from qwen3cli.models.background import run_concurrently
from qwen3cli.models.hub_errors import AGAIN, TransientError, Unreachable
from qwen3cli.models.network_settings import certificates, proxy_of, proxy_problem, timeout_seconds

if TYPE_CHECKING:
    import httpx2

# The list of a large repository's files has some hundred kilobytes.
_LONGEST_ANSWER_BYTES = 16 * 2**20
# A read has a time limit. A server that sends a byte now and then, and never an answer, is given up after so many of
# them; and a small question is answered by then, to its last byte. Streams are begun once more then.
_TIMEOUTS_OF_SILENCE, _ATTEMPTS_OF_SILENCE = 6, 2
_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_OURS = {"user-agent": f"qwen3/{__version__}"}
_STATUS = re.compile(r"\d{3}\b")


class Origin(NamedTuple):
    """Whoever may see what was meant for them."""

    scheme: str
    host: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Response:
    """What a server said, and from which address in the end, which may be signed: nobody is shown it. Header names are in
    small letters; the body is there where the question was a small one."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        """Who said it."""
        return _host(self.url)

    @property
    def is_page(self) -> bool:
        """Whether it is made for a browser."""
        return self.headers.get("content-type", "").lower().startswith("text/html")


class Transport:
    """A client. Threads may share it; nothing is opened or checked before the first question.

    Every question may raise
        UsageProblem: a setting of the network cannot work.
        SourceFailed: it cannot be asked. `TransientError`, if that may be over soon.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._heard_at = 0.0

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], *, follow: bool = False
    ) -> Response:
        """The whole answer to a small question. A redirection is an answer, unless it is to be followed: then within
        the same host with all headers, and to others without the token."""
        asked_at = time.monotonic()

        def asked() -> Response:
            with self._opened(method, url, headers, follow) as response:
                body = bytearray()
                for chunk in self._chunks(response):
                    body += chunk
                    if len(body) > _LONGEST_ANSWER_BYTES:
                        raise SourceFailed(f"{_host(url)} answers without end", AGAIN)
                return _answer(response, bytes(body))

        # In a thread, since looking up a name can neither be interrupted nor given a time limit.
        return run_concurrently([asked], lambda: self._check_wait(asked_at), at_once=1)[0]

    @contextmanager
    def stream(
        self, url: str, headers: Mapping[str, str]
    ) -> Iterator[tuple[Response, Iterator[bytes]]]:
        """An answer whose body is read as it comes. Redirections are followed, to other hosts without the token."""
        with self._opened("GET", url, headers, follow=True) as response:
            yield _answer(response), self._chunks(response)

    def close(self) -> None:
        """Let go of all connections."""
        if "_client" in self.__dict__:  # it was needed
            self._client.close()

    def check_life(self) -> None:
        """To be called now and then by whoever waits for streams.

        Raises:
            TransientError: nothing came for a long time, on any of them.
        """
        if silence := self._silence(self._heard_at):
            raise TransientError(silence, attempts=_ATTEMPTS_OF_SILENCE)

    def _check_wait(self, asked_at: float) -> None:
        if silence := self._silence(asked_at):
            raise SourceFailed(silence, AGAIN)

    def _silence(self, since: float) -> str:
        """What to say of a hub that was silent for too long; empty if it was not."""
        limit = timeout_seconds(self._variables) * _TIMEOUTS_OF_SILENCE
        return f"the hub did not answer in {limit} s" if time.monotonic() - since > limit else ""

    @cached_property
    def _client(self) -> "httpx2.Client":
        import httpx2

        seconds = timeout_seconds(self._variables)
        verify = certificates(self._variables) or True
        try:
            return httpx2.Client(verify=verify, timeout=seconds)
        except (ImportError, ValueError, httpx2.InvalidURL):
            raise proxy_problem(self._variables) from None

    @contextmanager
    def _opened(
        self, method: str, url: str, headers: Mapping[str, str], follow: bool
    ) -> Iterator["httpx2.Response"]:
        self._heard_at = time.monotonic()
        for _ in range(_MOST_REDIRECTS):
            with self._in_our_words(url):
                request = self._client.build_request(method, url, headers=_OURS | dict(headers))
                response = self._client.send(request, stream=True)
            self._heard_at = time.monotonic()
            with closing(response):
                if not (follow and response.has_redirect_location):
                    yield response
                    return
                headers = dict(headers)
                sent_from, url = url, redirected(url, response.headers["location"])
            if origin(url) != origin(sent_from):
                headers.pop("authorization", None)
        raise SourceFailed(f"{_host(url)} sends us in circles", AGAIN)

    def _chunks(self, response: "httpx2.Response") -> Iterator[bytes]:
        with self._in_our_words(str(response.request.url)):
            for chunk in response.iter_raw():
                self._heard_at = time.monotonic()
                yield chunk

    @contextmanager
    def _in_our_words(self, url: str) -> Iterator[None]:
        import httpx2

        host = _host(url)
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as problem:
            raise _unreachable(host, problem, proxy_of(self._variables, url)) from None
        except httpx2.TimeoutException:
            seconds = timeout_seconds(self._variables)
            raise TransientError(f"nothing came from {host} for {seconds} s") from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL):
            raise SourceFailed(f"{host} is no address that can be asked", AGAIN) from None
        except (httpx2.HTTPError, OSError):
            raise TransientError(f"the line to {host} broke") from None


def redirected(url: str, location: str) -> str:
    """Where an answer from one address sends us.

    Raises:
        SourceFailed: to no address of ours.
    """
    try:
        target = urljoin(url, location)
        if origin(target).scheme in _PORTS:
            return target
    except ValueError:
        pass
    raise SourceFailed(f"{_host(url)} sends us to no address", AGAIN)


def origin(url: str) -> Origin:
    """Who answers at an address; without encryption it is somebody else.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme))


def _answer(response: "httpx2.Response", body: bytes = b"") -> Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(str(response.request.url), response.status_code, headers, body)


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the hub"


def _unreachable(host: str, problem: Exception, proxy: str | None) -> Unreachable:
    """What the system says of a connection that was not made. `proxy`: the variable of the one that was to make it."""
    hint = "check the network; --from takes another source; --size demo needs none"
    cause: BaseException | None = problem
    while cause is not None and not (isinstance(cause, OSError) and cause.strerror):
        cause = cause.__cause__ or cause.__context__
    match cause:
        case ssl.SSLCertVerificationError():
            reason = f"its certificate: {cause.verify_message}"
            hint = "behind a company's proxy: SSL_CERT_FILE=FILE with its certificate"
        case ssl.SSLError():
            reason = f"no secure connection: {cause.reason}"
        case OSError():
            reason = str(cause.strerror)
        case _:
            # A proxy's refusal begins with its status.
            status = _STATUS.match(str(problem))
            reason = f"the proxy answered {status[0]}" if status else "it does not answer"
    way = f" through the proxy of {proxy}" if proxy else ""
    return Unreachable(f"{host} cannot be reached{way} ({reason})", hint)
