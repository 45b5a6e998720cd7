"""The pictures of a document: found, made small, drawn anew, and never fetched."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from qwen3cli.documents.files import Pages
from qwen3cli.documents.illustrations import Illustrations, illustrations_of

ROOM = 2**20


def photo(width: int, height: int, colour: str = "teal", form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, form)
    return out.getvalue()


def sizes(found: Illustrations) -> list[tuple[int, int, int]]:
    """Page, width and height of every picture, all of which are WebP."""
    images = [(each.page, Image.open(io.BytesIO(each.data))) for each in found.inside]
    assert all(image.format == "WEBP" for _, image in images)
    return [(page, *image.size) for page, image in images]


def write_pdf(path: Path) -> Path:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    for colour in ("teal", "navy", "olive"):
        canvas.drawImage(ImageReader(io.BytesIO(photo(2560, 1280, colour))), 72, 300, 300, 150)
        canvas.drawImage(ImageReader(io.BytesIO(photo(200, 100))), 72, 100, 50, 25)
        canvas.drawImage(ImageReader(io.BytesIO(photo(32, 32))), 10, 10, 8, 8)
        canvas.showPage()
    canvas.save()
    return path


def test_a_pdfs_pictures_come_with_their_pages_smaller_each_once_and_no_bullets(tmp_path):
    found = illustrations_of(write_pdf(tmp_path / "a.pdf"), None, ROOM)
    assert sizes(found) == [(1, 1280, 640), (1, 200, 100), (2, 1280, 640), (3, 1280, 640)]
    assert found.remarks == ()
    second = illustrations_of(tmp_path / "a.pdf", Pages(2, 2), ROOM)
    assert [page for page, *_ in sizes(second)] == [2, 2]


def test_what_goes_beyond_the_cap_is_told(tmp_path):
    path = write_pdf(tmp_path / "a.pdf")
    all_bytes = sum(len(each.data) for each in illustrations_of(path, None, ROOM).inside)
    found = illustrations_of(path, None, all_bytes - 1)
    assert len(found.inside) == 3
    assert "too large: 1" in found.remarks[0]


def test_the_pictures_of_an_office_file(tmp_path):
    import docx

    document = docx.Document()
    document.add_picture(io.BytesIO(photo(300, 200, form="JPEG")))
    document.save(str(tmp_path / "a.docx"))
    assert sizes(illustrations_of(tmp_path / "a.docx", None, ROOM)) == [(0, 300, 200)]


def test_what_a_web_page_or_markdown_names_outside_is_told_and_what_it_holds_is_taken(tmp_path):
    inside = base64.b64encode(photo(100, 80)).decode()
    outside = '<img src="https://example.org/b.png" alt="B"><img src="../secret.png">'
    page = tmp_path / "a.html"
    page.write_text(f'<p>x<img src="data:image/png;base64,{inside}">{outside}', encoding="utf-8")
    found = illustrations_of(page, None, ROOM)
    assert sizes(found) == [(0, 100, 80)]
    assert [(each.address, each.text) for each in found.outside] == [
        ("https://example.org/b.png", "B")
    ]
    notes = tmp_path / "a.md"
    notes.write_text("![C](https://example.org/c.png) ![D](local.png)", encoding="utf-8")
    named = illustrations_of(notes, None, ROOM)
    assert [(each.address, each.text) for each in named.outside] == [
        ("https://example.org/c.png", "C")
    ]
    assert named.inside == ()


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nrubbish", b"GIF89a\xff\xff\xff\xff"])
def test_a_damaged_picture_costs_itself_and_not_the_document(tmp_path, data):
    page = tmp_path / "a.html"
    sources = [base64.b64encode(each).decode() for each in (data, photo(100, 80))]
    page.write_text(
        "<html>" + "".join(f'<img src="data:image/x;base64,{each}">' for each in sources),
        encoding="utf-8",
    )
    found = illustrations_of(page, None, ROOM)
    assert len(found.inside) == 1
    assert "cannot be read: 1" in found.remarks[0]


def test_damaged_documents_have_no_pictures_and_say_so(tmp_path):
    for name, raw in (("a.pdf", b"%PDF-1.4 rubbish"), ("a.docx", b"PK\x03\x04rubbish")):
        (tmp_path / name).write_bytes(raw)
        found = illustrations_of(tmp_path / name, None, ROOM)
        assert (found.inside, found.outside) == ((), ())
