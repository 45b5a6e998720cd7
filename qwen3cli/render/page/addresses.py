"""Addresses from strangers: which may become a link, and which host a picture would come from."""

import re
from urllib.parse import SplitResult, urlsplit

_WEB, _MAIL = ("http", "https"), "mailto"
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"'`\\]")
_HOST = re.compile(
    r"[A-Za-z0-9.-]+"
)  # as a policy can name it; other letters go through IDNA first


def safe_address(text: str) -> str | None:
    """The address, if it is one of the web or of mail and a browser reads it as it looks; else None."""
    bare = text.strip()
    if _UNFIT.search(bare):
        return None
    parts = _split(bare)
    if parts is None:
        return None
    if parts.scheme == _MAIL:
        return bare if "@" in parts.path else None
    return bare if parts.scheme in _WEB and parts.hostname else None


def host_of(address: str) -> str:
    """What stands for the address where there is little room: its host, or the mail address."""
    parts = urlsplit(address)
    return parts.path if parts.scheme == _MAIL else (parts.hostname or "")


def origin_of(address: str) -> str | None:
    """Scheme, host and port as a policy names them; None where it cannot name them."""
    parts = _split(address)
    if parts is None or parts.scheme not in _WEB:
        return None
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
    except ValueError:
        return None
    return parts
