"""A page that the model writes itself: its HTML, under a policy of ours that keeps it from the network.

A page may be written as a document wants it, so the policy stands before anything of it: it may run and draw what is in the
file, and fetch nothing, or with `cdn=yes` what one host ships. Where it leads with a click is its own.
"""

import re
from collections.abc import Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import FormatNotMet
from qwen3cli.commands.ask import AskRequest
from qwen3cli.commands.turn_runner import TurnRunner
from qwen3cli.commands.webpage.asking import Asking
from qwen3cli.commands.webpage.request import PageRequest
from qwen3cli.dialogue.extraction import extracted
from qwen3cli.dialogue.messages import Message

_CDN_HOST = "https://cdn.jsdelivr.net"  # the one that the template names
_HTML = re.compile(r"<!doctype\s+html\b|<html\b", re.IGNORECASE)
# The beginning that nearly all pages have, with nothing in it that a browser could read otherwise than we do. So HTML's own
# white space, and no value without its quotes closed.
_BLANK = r"[ \t\r\n\f]"
_ATTRIBUTES = rf"""(?:{_BLANK}+[A-Za-z:-]+(?:=(?:"[^"<>]*"|'[^'<>]*'|[A-Za-z-]+))?)*{_BLANK}*"""
_DOCTYPE = re.compile(rf"{_BLANK}*(?:<!doctype{_BLANK}+html{_BLANK}*>)?", re.IGNORECASE)
_BEGINNING = re.compile(
    rf"{_BLANK}*<!doctype{_BLANK}+html{_BLANK}*>{_BLANK}*<html{_ATTRIBUTES}>{_BLANK}*<head>",
    re.IGNORECASE,
)


class WrittenPage:
    """Has one page written. `came` is what the model wrote, `thoughts` what it thought."""

    def __init__(
        self,
        request: AskRequest,
        page: PageRequest,
        runner: TurnRunner,
        environment: Environment,
    ) -> None:
        self._page = page
        self._asking = Asking(request, runner, environment)

    @property
    def came(self) -> str:
        """The answer as it was written."""
        return self._asking.came

    @property
    def thoughts(self) -> str:
        """What was thought for it."""
        return self._asking.thoughts

    def prompts(self, messages: Sequence[Message]) -> list[Sequence[Message]]:
        """What the model would be asked: one thing."""
        return [messages]

    def page(self, messages: Sequence[Message]) -> str:
        """The page that the answer holds.

        Raises:
            QwenError: the model could not be run, or its answer is not whole, or holds no page.
        """
        answer = self._asking.answer(messages, "the page: ")
        found = [each.text for each in extracted(answer, "html") if _HTML.search(each.text)]
        if not found and (bare := _HTML.search(answer)) is not None:
            found = [answer[bare.start() :].rstrip() + "\n"]
        if not found:
            raise FormatNotMet(
                "the answer holds no HTML page", "ask once more, or -T webpage, which we draw"
            )
        return guarded(found[-1], may_load=self._page.may_load)


def guarded(page: str, *, may_load: bool) -> str:
    """The page with the policy in front of all that a browser could act on."""
    host = f" {_CDN_HOST}" if may_load else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src 'unsafe-inline'{host}",
            f"script-src 'unsafe-inline'{host}",
            f"font-src data:{host}",
            "img-src data:",
            "media-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    beginning = _BEGINNING.match(page)
    if beginning is not None:
        return f"{beginning[0]}\n{meta}{page[beginning.end() :]}"
    return f"<!DOCTYPE html>\n{meta}\n{_DOCTYPE.sub('', page, count=1)}"
