"""What was asked of a web page, and whether that can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qwen3cli.base.errors import UsageProblem
from qwen3cli.commands.delivery import DeliveryRequest
from qwen3cli.dialogue.prompt_template import PageKind
from qwen3cli.render.page.addresses import safe_address
from qwen3cli.render.page.values import Author
from qwen3cli.turn.settings import TurnSettings

_CDN = "cdn"
_YES_OR_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of that kind. `typed` is what was typed beside the template; `given` are the parameters that the user gave:
    a default in somebody's template neither names an author nor lets a page fetch anything."""

    kind: PageKind
    typed: str = ""
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_load(self) -> bool:
        """Whether the page may fetch what it is drawn with from the network that ships it."""
        return _YES_OR_NO[self.given.get(_CDN, "no")]

    def author(self, found: Author) -> Author:
        """The author: as given, and else as found in the document."""
        given = self.given
        if (
            "author" in given
        ):  # somebody else than the document may name: then its link and year are not theirs
            return Author(given["author"], given.get("link", ""), given.get("year", ""))
        return Author(found.name, given.get("link", found.link), given.get("year", found.year))

    def check(self, delivery: DeliveryRequest, settings: TurnSettings) -> None:
        """Find out before a model is loaded what cannot be done.

        Raises:
            UsageProblem: a form that a page has not, or an unfit parameter.
        """
        forms = {
            "--json": delivery.json,
            "--jsonl": delivery.jsonl,
            "--extract": delivery.extracts,
            "--schema or --grammar": settings.grammar is not None,
            "--begin": bool(settings.begin),
            "--stop": bool(settings.stops),
        }
        for flag in (flag for flag, wanted in forms.items() if wanted):
            raise UsageProblem(f"a web page and {flag} contradict each other", f"drop {flag}")
        if self.given.get(_CDN, "no") not in _YES_OR_NO:
            raise UsageProblem(f"cdn is yes or no, not {self.given[_CDN]}", "--param cdn=yes")
        link = self.given.get("link")
        if link is not None and safe_address(link) is None:
            raise UsageProblem(
                f"{link} is no address of the web or of mail", "--param link=https://example.org"
            )
