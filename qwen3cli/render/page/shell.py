"""The shell that every page stands in: the document, its colours in light and dark with a switch, icons, and a policy that
lets a browser run and fetch nothing but what is in the file.

A page is a template in `assets/` that extends `shell.html`; a style sheet and a script of its name join those of the shell.
Knows nothing of what a page shows.
"""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qwen3cli.render.page.addresses import origin_of
from qwen3cli.render.page.language import direction_of
from qwen3cli.render.page.text import clean
from qwen3cli.render.page.words import words_of

_ASSETS = Path(__file__).parent / "assets"


def page(name: str, language: str, *, pictures_from: Iterable[str] = (), **values: Any) -> str:
    """The page that the template `name` makes of its values, in a language. `pictures_from` are the addresses outside that
    its pictures may come from, once somebody asks for them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    words = words_of(language)
    templates.filters["number"] = words.number
    style, script = (_joined(name, kind) for kind in ("css", "js"))
    return templates.get_template(f"{name}.html").render(
        values,
        language=language,
        direction=direction_of(language),
        words=words,
        style=style,
        script=script,
        policy=_policy(style, script, pictures_from),
        icons=_asset("icons.svg"),
    )


def _joined(name: str, kind: str) -> str:
    return _asset(f"shell.{kind}") + _asset(f"{name}.{kind}")


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _policy(style: str, script: str, pictures_from: Iterable[str]) -> str:
    """Content-Security-Policy: this style, this script, pictures in the file and of those hosts, and nothing else."""
    hosts = sorted(filter(None, set(map(origin_of, pictures_from))))
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            " ".join(("img-src data:", *hosts)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
