"""What a model is asked to find in a document, as a schema, and its answers made into what a page shows.

What the schema lets through and a page has no use for (empty rows, numbers without end, the same link twice) is left out here.
"""

import json
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from qwen3cli.engine.grammar import schema_grammar
from qwen3cli.render.page.language import language_of
from qwen3cli.render.page.text import clean
from qwen3cli.render.page.values import (
    Article,
    Author,
    Event,
    Figure,
    Link,
    Quote,
    Section,
    Table,
)
from qwen3cli.turn.answer_format import AnswerFormat

_SCHEMA = Path(__file__).with_name("substance.schema.json")
_OF_THE_WHOLE = ("title", "summary")
_UNTITLED = "…"
_Value = TypeVar("_Value", bound=Hashable)
Substance = Mapping[str, Any]


@cache
def substance_format() -> AnswerFormat:
    """What holds the answer about a document, or a part of one."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return AnswerFormat(schema_grammar(schema), schema)


@cache
def whole_format() -> AnswerFormat:
    """What holds the answer about all parts together: their one title and summary."""
    whole = substance_format().schema
    schema = {
        **whole,
        "properties": {each: whole["properties"][each] for each in _OF_THE_WHOLE},
        "required": list(_OF_THE_WHOLE),
    }
    return AnswerFormat(schema_grammar(schema), schema)


def read_substance(answer: str) -> Substance:
    """What an answer says, that meets one of the schemas."""
    found: Substance = _clean(json.loads(answer))
    return found


def title_and_summary(part: Substance) -> str:
    """What stands for a part where all are looked at together."""
    return f"{part['title']}\n{part['summary']}"


def groups_of_summaries(
    parts: Sequence[Substance], most_tokens: int, count: Callable[[str], int]
) -> list[list[Substance]]:
    """Parts whose titles and summaries fit together, in order; two at least, but for what is left at the end."""
    groups: list[list[Substance]] = [[]]
    held = 0
    for part in parts:
        tokens = count(title_and_summary(part))
        if len(groups[-1]) > 1 and held + tokens > most_tokens:
            groups.append([])
            held = 0
        groups[-1].append(part)
        held += tokens
    return groups


def _clean(value: Any) -> Any:
    """The same with clean and stripped text."""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return (
        {name: _clean(each) for name, each in value.items()} if isinstance(value, dict) else value
    )


def article_of(parts: Sequence[Substance], whole: Substance, source: str) -> Article:
    """The article that the parts of a document make, under the title and summary of the whole. Nothing of it is cut."""

    def all_of(name: str) -> list[Any]:
        return [each for part in parts for each in part[name]]

    sections = [_section(each) for each in all_of("sections")]
    written = " ".join(
        (whole["title"], whole["summary"], *(each.heading + each.text for each in sections))
    )
    return Article(
        title=whole["title"] or source or _UNTITLED,
        summary=whole["summary"],
        language=language_of(written, parts[0]["language"]),
        source=source,
        author=next(filter(_is_known, (_author(part["author"]) for part in parts)), Author()),
        sections=_once(each for each in sections if each.text or each.points),
        timeline=_once(
            Event(each["when"], each["what"]) for each in all_of("timeline") if each["what"]
        ),
        figures=_once(filter(None, map(_figure, all_of("figures")))),
        quotes=_once(Quote(each["text"], each["who"]) for each in all_of("quotes") if each["text"]),
        tables=_once(filter(None, map(_table, all_of("tables")))),
        links=_once(
            Link(each["text"], each["address"]) for each in all_of("links") if each["address"]
        ),
    )


def is_empty(article: Article) -> bool:
    """Whether there is nothing in it beside title and summary."""
    return not (
        article.sections
        or article.timeline
        or article.figures
        or article.quotes
        or article.tables
        or article.links
    )


def _section(said: Substance) -> Section:
    return Section(said["heading"] or _UNTITLED, said["text"], tuple(filter(None, said["points"])))


def _author(said: Substance) -> Author:
    return Author(said["name"], said["link"], said["year"])


def _is_known(author: Author) -> bool:
    return bool(author.name)


def _figure(said: Substance) -> Figure | None:
    values = [(each["label"], _finite(each["value"])) for each in said["values"]]
    kept = tuple((label, value) for label, value in values if value is not None)
    return Figure(said["title"] or kept[0][0], said["unit"], kept) if kept else None


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return None
    return number if math.isfinite(number) else None


def _table(said: Substance) -> Table | None:
    """Rows as long as the head: what is missing stays empty. One whose rows are longer gets columns without a name."""
    rows = [row for row in said["rows"] if any(row)]
    if not (rows and any(said["columns"])):
        return None
    width = max(len(said["columns"]), *map(len, rows))
    filled = [tuple(row) + ("",) * (width - len(row)) for row in (said["columns"], *rows)]
    return Table(said["title"], filled[0], tuple(filled[1:]))


def _once(values: Iterable[_Value]) -> tuple[_Value, ...]:
    """Each value where it came first: parts of a document say some things again."""
    return tuple(dict.fromkeys(values))
