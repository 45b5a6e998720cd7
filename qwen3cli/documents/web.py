"""A document at an address that the user gave: fetched once, within bounds, and read by what the server says it is.

The only place that asks an address which is no hub's. Where a server sends us on, it may not lead from an encrypted line
to a plain one, nor from the open network into the user's own, where it could have us read what it cannot reach itself.
Knows no prompt.
"""

import codecs
import ipaddress
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from qwen3cli import __version__
from qwen3cli.base.errors import DownloadFailed, UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.documents.converter import Kind, kind_of
from qwen3cli.documents.text import MOST_BYTES, Reading, reading_of
from qwen3cli.models.network_settings import certificates, proxy_of, proxy_problem, timeout_seconds

if TYPE_CHECKING:
    import httpx2

_SECONDS = 60.0  # for all of it
_CONNECTED = "connection.connect_tcp.complete"  # the client's word for a line that stands, unused
_MOST_REDIRECTS = 5
_SCHEMES = ("https", "http")
_HEADERS = {"user-agent": f"qwen3/{__version__}", "accept": "text/*, application/*;q=0.9"}
_KINDS = {
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "application/pdf": Kind.PDF,
    "application/x-ipynb+json": Kind.NOTEBOOK,
    "application/rtf": Kind.OFFICE,
    "text/rtf": Kind.OFFICE,
    "application/msword": Kind.OFFICE,
    "application/epub+zip": Kind.OFFICE,
}
_OFFICE = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.ms-",
)
# What servers say of anything: then the bytes and the name decide.
_SAYS_NOTHING = ("", "application/octet-stream", "binary/octet-stream", "text/plain")


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What came, from where in the end, and what it is said to be."""

    address: SplitResult
    raw: bytes
    media_type: str
    charset: str


def is_address(name: str) -> bool:
    """Whether a name is one to fetch."""
    return name.lower().startswith(tuple(f"{scheme}://" for scheme in _SCHEMES))


def read_address(address: str, variables: Mapping[str, str]) -> Reading:
    """Fetch and read a document.

    Raises:
        UsageProblem: it is no address, or what came can be no document.
        DownloadFailed: it did not come.
    """
    parts = _parts(address)
    if parts is None:
        raise UsageProblem(
            f"{_shown(address)} is no address that can be asked", "https://HOST/PATH"
        )
    fetched = _Fetching(variables).fetch(parts)
    shown = _shown(address)
    path = unquote(fetched.address.path)
    if fetched.media_type in _SAYS_NOTHING:
        kind = kind_of(path, fetched.raw)
    elif fetched.media_type.startswith(_OFFICE):
        kind = Kind.OFFICE
    else:
        kind = _KINDS.get(fetched.media_type)
    raw = _as_utf8(fetched) if kind in (None, Kind.HTML) else fetched.raw
    return reading_of(shown, raw, kind, path)


def _as_utf8(fetched: _Fetched) -> bytes:
    """A text in the encoding that the server names, if it is in that."""
    with suppress(LookupError, UnicodeDecodeError):
        codecs.lookup(fetched.charset)
        return codecs.BOM_UTF8 + fetched.raw.decode(fetched.charset).encode()
    return fetched.raw


class _Fetching:
    """One document on its way."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._ends = time.monotonic() + _SECONDS
        self._began_inside = False  # the address that was given is in the user's own network

    def fetch(self, parts: SplitResult) -> _Fetched:
        """All of it, wherever the server sends us."""
        first = parts
        with self._client() as client:
            for _ in range(_MOST_REDIRECTS + 1):
                watch = {"trace": partial(self._check_peer, first, parts)}
                with (
                    self._in_our_words(parts.hostname or ""),
                    client.stream("GET", urlunsplit(parts), extensions=watch) as response,
                ):
                    if not response.has_redirect_location:
                        return self._taken(response, parts)
                    location = response.headers["location"]
                parts = self._next(first, parts, location)
        raise DownloadFailed(f"{first.hostname} sends us in circles", "check the address")

    def _client(self) -> "httpx2.Client":
        import httpx2

        seconds = timeout_seconds(self._variables)
        verify = certificates(self._variables) or True
        try:
            return httpx2.Client(verify=verify, timeout=seconds, headers=_HEADERS)
        except (ImportError, ValueError, httpx2.InvalidURL):
            raise proxy_problem(self._variables) from None

    def _taken(self, response: "httpx2.Response", parts: SplitResult) -> _Fetched:
        host = parts.hostname
        if response.is_error:
            raise DownloadFailed(
                f"{host} answers {response.status_code} {response.reason_phrase}".rstrip(),
                "check the address in a browser",
            )
        raw = bytearray()
        for chunk in response.iter_bytes():
            raw += chunk
            if len(raw) > MOST_BYTES:
                raise UsageProblem(
                    f"what {host} sends is longer than {bytes_text(MOST_BYTES)}, which no context holds",
                    "fetch it yourself, and give a part of it",
                )
            if time.monotonic() > self._ends:
                raise DownloadFailed(
                    f"{host} took longer than {_SECONDS:.0f} s", "fetch it yourself: -f FILE"
                )
        media_type, _, _ = response.headers.get("content-type", "").partition(";")
        charset = response.charset_encoding or ""
        return _Fetched(parts, bytes(raw), media_type.strip().lower(), charset)

    def _next(self, first: SplitResult, parts: SplitResult, location: str) -> SplitResult:
        """Where we are sent, if we may go there.

        Raises:
            DownloadFailed: we may not.
        """
        try:
            target = _parts(urljoin(urlunsplit(parts), location))
        except ValueError:
            target = None
        if target is None:
            raise DownloadFailed(f"{parts.hostname} sends us to no address", "check the address")
        if (parts.scheme, target.scheme) == ("https", "http"):
            raise DownloadFailed(
                f"{parts.hostname} sends us to {target.hostname} without encryption",
                "give that address yourself, if you trust the way there",
            )
        if not self._may_enter(first, target) and any(map(_is_inside, _addresses(target))):
            raise self._led_inside(target)
        return target

    def _check_peer(
        self, first: SplitResult, parts: SplitResult, event: str, told: Mapping[str, Any]
    ) -> None:
        """See whom we are connected to, before anything is sent: a name may mean another machine a moment later.

        Raises:
            DownloadFailed: a machine inside the user's network, where we were sent from outside.
        """
        if event != _CONNECTED or proxy_of(self._variables, urlunsplit(parts)) is not None:
            return
        stream = told["return_value"]
        peer = stream.get_extra_info("server_addr")
        is_inside = peer is None or _is_inside(str(peer[0]))
        if parts is first:
            self._began_inside = is_inside
        elif is_inside and not self._may_enter(first, parts):
            stream.close()
            raise self._led_inside(parts)

    def _may_enter(self, first: SplitResult, parts: SplitResult) -> bool:
        """Whether the user named a machine of their own network, and this is that one."""
        return self._began_inside and parts.hostname == first.hostname

    def _led_inside(self, target: SplitResult) -> DownloadFailed:
        return DownloadFailed(
            f"the server sends us to {target.hostname}, which is in your own network",
            "give that address yourself, if that is meant",
        )

    @contextmanager
    def _in_our_words(self, host: str) -> Iterator[None]:
        import httpx2

        try:
            yield
        except httpx2.TimeoutException:
            seconds = timeout_seconds(self._variables)
            raise DownloadFailed(f"nothing came from {host} for {seconds} s", "try again") from None
        except (httpx2.ConnectError, httpx2.ProxyError) as problem:
            raise DownloadFailed(
                f"{host} cannot be reached: {_reason(problem)}", "check the address and the network"
            ) from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeError):
            raise UsageProblem(
                f"{host} is no address that can be asked", "https://HOST/PATH"
            ) from None
        except httpx2.HTTPError:
            raise DownloadFailed(f"the line to {host} broke", "try again") from None


def _parts(address: str) -> SplitResult | None:
    """The parts of an address without its fragment, which is for a browser; None if it is none."""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts._replace(fragment="") if is_one else None


def _shown(address: str) -> str:
    """The address without the name and password that it may have."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def _addresses(parts: SplitResult) -> list[str]:
    """What a name means now; nothing where only a proxy would know."""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(each[4][0]) for each in found]


def _is_inside(address: str) -> bool:
    """Whether an address is of this machine or of a network that the open one does not reach."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global


def _reason(problem: BaseException) -> str:
    """What the system says of a connection that was not made."""
    cause: BaseException | None = problem
    while cause is not None and not (isinstance(cause, OSError) and cause.strerror):
        cause = cause.__cause__ or cause.__context__
    return cause.strerror if isinstance(cause, OSError) and cause.strerror else "no connection"


def fetcher(variables: Mapping[str, str], *, offline: bool) -> Callable[[str], Reading]:
    """What reads an address, or refuses to where the network is forbidden."""

    def fetch(address: str) -> Reading:
        if offline:
            raise UsageProblem(
                f"{_shown(address)} is not asked: the network is forbidden",
                "leave --offline out, or fetch it yourself: -f FILE",
            )
        return read_address(address, variables)

    return fetch
