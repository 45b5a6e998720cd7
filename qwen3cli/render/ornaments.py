"""The few characters that we draw ourselves, in Unicode or in ASCII, as the terminal has them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ornaments:
    """The few characters outside ASCII that we draw ourselves."""

    bullet: str
    bar: str
    rule: str
    cross: str
    folded: str
    dot: str
    ellipsis: str
    block: str


_UNICODE = Ornaments(
    bullet="•", bar="│", rule="─", cross="┼", folded="▸", dot="·", ellipsis="…", block="█"
)
_ASCII = Ornaments(
    bullet="*", bar="|", rule="-", cross="+", folded=">", dot="-", ellipsis="...", block="#"
)


def ornaments(variables: Mapping[str, str]) -> Ornaments:
    """Unicode ones, unless the locale says that the terminal has no UTF-8."""
    locale = variables.get("LC_ALL") or variables.get("LC_CTYPE") or variables.get("LANG") or ""
    plain = locale in ("C", "POSIX") or ("." in locale and "utf" not in locale.lower())
    return _ASCII if plain else _UNICODE
