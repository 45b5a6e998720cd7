"""What an article's page shows, as values: text as it is, numbers, addresses that were not looked at yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the page (`address` is a `data:` one), or outside it. `page` 0: it is on no page."""

    address: str
    text: str = ""
    page: int = 0

    @property
    def is_inside(self) -> bool:
        """Whether it is in the file."""
        return self.address.startswith("data:image/")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text; `text` has empty lines between its paragraphs."""

    heading: str
    text: str
    points: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def paragraphs(self) -> list[str]:
        """The text as paragraphs."""
        return [each.strip() for each in self.text.split("\n\n") if each.strip()]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and when, in the document's words."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Numbers that belong together, at least one, each with its label, in one unit."""

    title: str
    unit: str
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of somebody."""

    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An address, and what it is called."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote the document; whatever is not known is empty."""

    name: str = ""
    link: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A document's substance. `source` is what the document is called; `language` is a tag that is right or `und`. The
    `pictures` are those that belong to no section."""

    title: str
    summary: str
    language: str
    source: str = ""
    author: Author = Author()
    sections: tuple[Section, ...] = ()
    timeline: tuple[Event, ...] = ()
    figures: tuple[Figure, ...] = ()
    quotes: tuple[Quote, ...] = ()
    tables: tuple[Table, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """Those of the sections, too."""
        return (*(each for section in self.sections for each in section.pictures), *self.pictures)
