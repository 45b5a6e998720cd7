"""The pictures of a document: found, made small, drawn anew, and never fetched."""

import base64
import io
import zipfile
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


def test_each_picture_has_the_text_around_it_whatever_the_format(tmp_path):
    words = ("The harbour has forty berths.", "Birds winter on the island.")
    colours = ("teal", "navy")
    files = [
        write(tmp_path, list(zip(words, colours, strict=True)))
        for write in (with_pdf, with_docx, with_pptx, with_odt, with_html, with_epub)
    ]
    for file in files:
        first, second = illustrations_of(file, None, ROOM).inside
        assert ("forty berths" in first.around, "island" in second.around) == (True, True), file
        assert "Birds winter" not in first.around, file
    notes = tmp_path / "a.md"
    notes.write_text(f"{words[0]}\n![](https://example.org/a.png)\n", encoding="utf-8")
    assert "forty berths" in illustrations_of(notes, None, ROOM).outside[0].around


Said = list[tuple[str, str]]  # a sentence, and the colour of the picture behind it


def with_pdf(folder: Path, said: Said) -> Path:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(folder / "b.pdf"))
    for at, (text, colour) in enumerate(said):
        canvas.drawString(72, 780 - 400 * at, text)
        canvas.drawImage(ImageReader(io.BytesIO(photo(200, 100, colour))), 72, 650 - 400 * at)
    canvas.save()
    return folder / "b.pdf"


def with_docx(folder: Path, said: Said) -> Path:
    import docx

    document = docx.Document()
    for text, colour in said:
        document.add_paragraph(text)
        document.add_picture(io.BytesIO(photo(200, 100, colour)))
        document.add_paragraph("Filler. " * 80)
    document.save(str(folder / "b.docx"))
    return folder / "b.docx"


def with_pptx(folder: Path, said: Said) -> Path:
    import pptx

    deck = pptx.Presentation()
    for text, colour in said:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = text
        slide.shapes.add_picture(io.BytesIO(photo(200, 100, colour)), 0, 0)
    deck.save(str(folder / "b.pptx"))
    return folder / "b.pptx"


def with_odt(folder: Path, said: Said) -> Path:
    shown = "".join(
        f'<text:p>{text}</text:p><draw:image xlink:href="Pictures/{at}.png"/><text:p>{"x " * 300}</text:p>'
        for at, (text, _) in enumerate(said)
    )
    spaces = "".join(f' xmlns:{each}="urn:{each}"' for each in ("office", "text", "draw", "xlink"))
    with zipfile.ZipFile(folder / "b.odt", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml", f"<office:document-content{spaces}>{shown}</office:document-content>"
        )
        for at, (_, colour) in enumerate(said):
            archive.writestr(f"Pictures/{at}.png", photo(200, 100, colour))
    return folder / "b.odt"


def with_html(folder: Path, said: Said) -> Path:
    page = "".join(
        f'<p>{text}</p><img src="data:image/png;base64,{base64.b64encode(photo(200, 100, colour)).decode()}">'
        + "<p>Filler.</p>" * 20
        for text, colour in said
    )
    (folder / "b.html").write_text(f"<!doctype html>{page}", encoding="utf-8")
    return folder / "b.html"


def with_epub(folder: Path, said: Said) -> Path:
    with zipfile.ZipFile(folder / "b.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for at, (text, colour) in enumerate(said):
            chapter = f'<html><body><p>{text}</p><img src="../images/{at}%20a.png"/></body></html>'
            archive.writestr(f"OEBPS/text/{at}.xhtml", chapter)
            archive.writestr(f"OEBPS/images/{at} a.png", photo(200, 100, colour))
    return folder / "b.epub"


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
