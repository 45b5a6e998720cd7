"""The pictures in an archive of XML (office files, EPUB), and the text around the place where each is shown.

Office files name a picture by a number that a table beside the part resolves; the others by its path. Knows neither the
formats nor what pictures look like.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote
from xml.parsers.expat import ExpatError, ParserCreate

AROUND_CHARACTERS = 400  # on either side: a caption and a paragraph
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
_PREVIEW = "thumbnail"  # of the document itself, as office programs leave it
_PARTS = (".xml", ".xhtml", ".html", ".htm")
_MOST_FILE_BYTES = 32 * 2**20  # of one file; what unpacks to more is no illustration
_NUMBER = re.compile(r"(\d+)")


def pictures_in(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Each picture and the text around it, in the order in which they are shown; those that are shown nowhere at the end."""
    pictures = {
        each.filename: each
        for each in archive.infolist()
        if each.filename.lower().endswith(_PICTURES)
        and _PREVIEW not in each.filename.lower()
        and each.file_size <= _MOST_FILE_BYTES
    }
    for part in sorted(archive.namelist(), key=_natural):
        if part.lower().endswith(_PARTS) and pictures:
            for name, around in _shown_in(archive, part):
                if name in pictures:
                    yield pictures.pop(name), around
    yield from ((each, "") for each in pictures.values())


def _natural(name: str) -> list[int | str]:
    """The tenth slide stands behind the second."""
    pieces: list[Any] = _NUMBER.split(name)
    return [int(each) if at % 2 else each for at, each in enumerate(pieces)]


def _shown_in(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """The files that a part of the document names, each with the text around."""
    folder, name = posixpath.split(part)
    table = posixpath.join(folder, "_rels", f"{name}.rels")
    named: dict[str, str] = {}
    if table in archive.namelist():
        _walk(_read(archive, table), _Table(named))
    found = _Shown(named)
    _walk(_read(archive, part), found)
    text = "".join(found.text)
    return [
        (
            posixpath.normpath(posixpath.join(folder, unquote(target))).lstrip("/"),
            text[max(0, at - AROUND_CHARACTERS) : at + AROUND_CHARACTERS],
        )
        for target, at in found.places
    ]


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(_MOST_FILE_BYTES)


class _Table:
    """What the numbers of a part stand for."""

    def __init__(self, named: dict[str, str]) -> None:
        self._named = named

    def begin(self, _: str, attributes: Mapping[str, str]) -> None:
        if "Id" in attributes and "Target" in attributes:
            self._named[attributes["Id"]] = attributes["Target"]

    def said(self, text: str) -> None:
        """It says nothing."""


class _Shown:
    """The text of a part, and where in it something that may be a picture is named."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self._named = named
        self._length = 0
        self.text: list[str] = []
        self.places: list[tuple[str, int]] = []

    def begin(self, _: str, attributes: Mapping[str, str]) -> None:
        self.said(" ")
        for value in attributes.values():
            target = self._named.get(value, value)
            if target.lower().endswith(_PICTURES):
                self.places.append((target, self._length))

    def said(self, text: str) -> None:
        self.text.append(text)
        self._length += len(text)


def _walk(raw: bytes, reader: _Table | _Shown) -> None:
    """Have a part read as far as it is XML."""
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.said
    try:
        parser.Parse(raw, True)
    except ExpatError:
        return
