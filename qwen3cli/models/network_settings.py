"""What the variables say of the network: addresses, certificates, proxies, patience.

A setting that cannot work is told at once, with its name: waiting and trying again does not help it. Values are not
repeated, since addresses of hubs and proxies may have passwords in them.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from qwen3cli.base.errors import UsageProblem

# What the hub's client takes them for, and refuses to be imported where they are none: whole seconds.
_TIMEOUTS = ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT")
_USUAL_TIMEOUT_SECONDS, _LONGEST_TIMEOUT_SECONDS = 10, 3600
# The first is OpenSSL's own; the others are those of the libraries that most people have met.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def endpoint(variables: Mapping[str, str], name: str, usual: str) -> str:
    """A hub's address, without a slash at its end.

    Raises:
        UsageProblem: it is none.
    """
    value = variables.get(name, "").rstrip("/")
    if value and not _is_address(value, ("https", "http")):
        raise UsageProblem(
            f"{name} is no address, such as https://HOST:PORT, without blanks", f"{name}={usual}"
        )
    return value or usual


def certificates(variables: Mapping[str, str]) -> ssl.SSLContext | None:
    """The certificates to believe in, where variables name some: all of those. None: the system's.

    Raises:
        UsageProblem: there are none where a variable says.
    """
    named = {name: variables[name] for name in _CERTIFICATES if variables.get(name)}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name, value in named.items():
        # OpenSSL reads a list of folders in the one that is its own, and passes over those that are not there.
        folders = [each for each in value.split(os.pathsep) if Path(each).is_dir()]
        try:
            for folder in folders:
                context.load_verify_locations(capath=folder)
            if not folders:
                context.load_verify_locations(cafile=value)
        except OSError as problem:
            reason = "it has none" if isinstance(problem, ssl.SSLError) else problem.strerror
            raise UsageProblem(
                f"{name}={value}: no certificates can be read there ({reason})",
                f"unset {name}, or name a PEM file",
            ) from None
    return context if named else None


def timeout_seconds(variables: Mapping[str, str]) -> int:
    """How long a silent line is waited for.

    Raises:
        UsageProblem: a variable has no number of seconds.
    """
    for name in _TIMEOUTS:
        value = variables.get(name, "0")
        if not (value.strip().isascii() and value.strip().isdecimal()):
            raise UsageProblem(
                f"{name} is no whole number of seconds", f"{name}={_USUAL_TIMEOUT_SECONDS}"
            )
    told = int(variables.get(_TIMEOUTS[0], "0"))
    return min(told, _LONGEST_TIMEOUT_SECONDS) or _USUAL_TIMEOUT_SECONDS


def proxy_problem(variables: Mapping[str, str]) -> UsageProblem:
    """Which proxy cannot be used, and why, once it is known that one cannot."""
    for name in (each for proxy in _PROXIES for each in (proxy, proxy.lower())):
        value = variables.get(name, "").strip()
        scheme = value.partition("://")[0] if "://" in value else "http"
        if value and scheme in ("socks5", "socks5h"):
            return UsageProblem(
                f"{name}: a {scheme} proxy needs the package socksio",
                f"pip install socksio, or unset {name}",
            )
        if value and not _is_address(
            value if "://" in value else f"http://{value}", ("http", "https")
        ):
            return UsageProblem(
                f"{name} is no proxy that can be used", f"{name}=http://HOST:PORT, or unset {name}"
            )
    return UsageProblem(
        "the proxy of the system's settings cannot be used", "set HTTPS_PROXY=http://HOST:PORT"
    )


def proxy_of(variables: Mapping[str, str], url: str) -> str | None:
    """The variable whose proxy is on the way to an address, as the usual rules have it; None: it is asked directly."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    asked = (f"{parts.scheme}_proxy", "all_proxy")
    names = (each for name in asked for each in (name, name.upper()))
    return next((name for name in names if variables.get(name)), None)


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        # Nor with blanks around it: the hub's client reads the variable itself, and cannot be imported then.
        return is_one and not any(map(str.isspace, value))
    except ValueError:
        return False
