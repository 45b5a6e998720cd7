"""The child process that takes the pictures out of a document: `... KIND MOST_BYTES FIRST_PAGE LAST_PAGE`, 0 for no last one.

As in `converter_worker` the bytes come in on standard input, and files, network, memory and time are given up before they are
looked at. One JSON object goes out: `inside`, a list of [page, text around it, base64 of a WebP]; `outside`, [address, text,
text around it]; and how many were `unreadable` or `too_many`. Every picture is drawn anew, so that nothing of its file but what is seen goes along.
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from qwen3cli.base.confinement import confine
from qwen3cli.documents.archive_pictures import AROUND_CHARACTERS, pictures_in

if TYPE_CHECKING:
    from PIL.Image import Image

_MEMORY_BYTES, _PROCESSOR_SECONDS = 2 * 2**30, 60
_MOST_PICTURES = 60
_LONGEST_SIDE = 1280  # pixels: as wide as a page shows one, on a screen of twice the density
_SHORTEST_SIDE = 64  # less is a bullet, a rule or an icon
_QUALITY = 80
_AROUND_POINTS = 150  # of a PDF's page, above and below a picture: a caption and a paragraph
_AROUND_STRINGS = 12  # of a web page, on either side
_DATA = "data:image/"
_WEB = ("http://", "https://")
_DEEPEST_FORM = 4  # PDF: forms in forms

_Found = tuple[
    int, str, Callable[[], "Image"]
]  # the page, the text around, and how to get the picture
_Outside = list[tuple[str, str, str]]


def main() -> None:
    """Read the document on standard input."""
    kind, most_bytes, first, last = sys.argv[1], *map(int, sys.argv[2:])
    reader = _READERS[kind]()
    _load_formats()
    confine(_MEMORY_BYTES, _PROCESSOR_SECONDS)
    outside: _Outside = []
    collected = _Collected(most_bytes)
    raw = sys.stdin.buffer.read()
    for page, around, picture in reader(raw, first, last or sys.maxsize, outside):
        collected.add(page, around, picture)
    json.dump(collected.told | {"outside": outside[:_MOST_PICTURES]}, sys.stdout)


class _Collected:
    """Pictures, each once, until they are too many."""

    def __init__(self, most_bytes: int) -> None:
        self._room = most_bytes
        self._seen: set[bytes] = set()
        self.told: dict[str, Any] = {"inside": [], "unreadable": 0, "too_many": 0}

    def add(self, page: int, around: str, picture: Callable[[], "Image"]) -> None:
        """Take one in, if it is large enough to be looked at."""
        try:
            data = _drawn(picture())
        except Exception:  # noqa: BLE001 - whatever a stranger's picture makes a decoder raise
            self.told["unreadable"] += 1
            return
        digest = hashlib.sha256(data).digest()
        if not data or digest in self._seen:
            return
        self._seen.add(digest)
        if len(data) > self._room or len(self.told["inside"]) == _MOST_PICTURES:
            self.told["too_many"] += 1
            return
        self._room -= len(data)
        self.told["inside"].append((page, around, base64.b64encode(data).decode()))


def _drawn(image: "Image") -> bytes:
    """The picture as WebP, no larger than it is shown; nothing if it is too small to be one."""
    from PIL import ImageOps

    if min(image.size) < _SHORTEST_SIDE:
        return b""
    image = ImageOps.exif_transpose(image)
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = io.BytesIO()
    image.convert("RGBA" if image.has_transparency_data else "RGB").save(
        out, "WEBP", quality=_QUALITY
    )
    return out.getvalue()


def _load_formats() -> None:
    """Everything that Pillow would load from files later."""
    from PIL import Image, ImageOps

    _ = ImageOps
    Image.init()
    Image.new("RGB", (1, 1)).save(io.BytesIO(), "WEBP")


def _opened(data: bytes) -> "Image":
    from PIL import Image

    return Image.open(io.BytesIO(data))


def _shown(in_pdf: Any) -> "Image":
    image: Image = in_pdf.get_bitmap(render=True).to_pil()
    return image


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> "Image":
    with archive.open(member) as file:
        return _opened(file.read())


def _decoded(text: str) -> "Image":
    return _opened(base64.b64decode(text))


_Reader = Callable[[bytes, int, int, _Outside], Iterator[_Found]]


def _pdf() -> _Reader:
    import pypdfium2
    import pypdfium2.raw

    def read(raw: bytes, first: int, last: int, _outside: _Outside) -> Iterator[_Found]:
        document = pypdfium2.PdfDocument(raw)
        for number in range(first, min(last, len(document)) + 1):
            page = document[number - 1]
            wanted = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
            for each in page.get_objects(wanted, max_depth=_DEEPEST_FORM):
                if min(each.get_px_size()) >= _SHORTEST_SIDE:
                    yield number, _text_around(page, each), partial(_shown, each)

    return read


def _text_around(page: Any, picture: Any) -> str:
    """What stands above and below it; all of the page where that is nothing, or where it lies in a form of its own."""
    text = page.get_textpage()
    said = ""
    if picture.level == 0:
        _, low, _, high = picture.get_bounds()
        said = text.get_text_bounded(
            left=0, bottom=low - _AROUND_POINTS, right=page.get_width(), top=high + _AROUND_POINTS
        )
    return str(said.strip() or text.get_text_range())[: 2 * AROUND_CHARACTERS]


def _office() -> _Reader:
    def read(raw: bytes, _first: int, _last: int, _outside: _Outside) -> Iterator[_Found]:
        if not zipfile.is_zipfile(
            io.BytesIO(raw)
        ):  # an older format, which has none that we know of
            return
        archive = zipfile.ZipFile(io.BytesIO(raw))
        for each, around in pictures_in(archive):
            yield 0, around, partial(_unpacked, archive, each)

    return read


def _html() -> _Reader:
    from bs4 import BeautifulSoup

    def read(raw: bytes, _first: int, _last: int, outside: _Outside) -> Iterator[_Found]:
        for tag in BeautifulSoup(raw, "html.parser").find_all("img"):
            source, text = str(tag.get("src", "")).strip(), str(tag.get("alt", "")).strip()
            before = tag.find_all_previous(string=True, limit=_AROUND_STRINGS)
            behind = tag.find_all_next(string=True, limit=_AROUND_STRINGS)
            around = " ".join([*reversed(before), text, *behind])
            if source.startswith(_DATA):
                data = source.partition(",")[2]
                yield 0, around, partial(_decoded, data)
            elif source.startswith(_WEB) and source not in (each for each, _, _ in outside):
                outside.append((source, text, around))

    return read


# Each imports its library before anything is given up, since that reads files.
_READERS: dict[str, Callable[[], _Reader]] = {"pdf": _pdf, "office": _office, "html": _html}


if __name__ == "__main__":
    main()
