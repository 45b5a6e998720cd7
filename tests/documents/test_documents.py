"""Files in, text out: encodings, documents of many formats, pages, folders."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from qwen3cli.base.errors import UsageProblem
from qwen3cli.documents.files import read_named, read_pages
from qwen3cli.documents.pdf_text import agrees, legible
from qwen3cli.documents.text import read_document

# An archive with nothing in it.
ARCHIVE = b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18)
SAID = "The quarterly total is 1,334 € — 你好, مرحبا, नमस्ते."


def write_pdf(path: Path, pages: list[str], **options: object) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), invariant=1, **options)
    for text in pages:
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return path


def write_docx(path: Path) -> Path:
    import docx

    document = docx.Document()
    document.add_heading("Report", 1)
    document.add_paragraph(SAID)
    document.save(str(path))
    return path


def write_xlsx(path: Path) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["name", "total"])
    book.active.append([SAID, 1334])
    book.save(path)
    return path


def write_pptx(path: Path) -> Path:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Report"
    slide.placeholders[1].text = SAID
    deck.save(str(path))
    return path


def write_odt(path: Path) -> Path:
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    document.text.addElement(P(text=SAID))
    document.save(str(path))
    return path


def write_rtf(path: Path) -> Path:
    escaped = "".join(each if each.isascii() else f"\\u{ord(each)}?" for each in SAID)
    path.write_text(f"{{\\rtf1\\ansi {escaped}}}", encoding="ascii")
    return path


def write_html(path: Path) -> Path:
    page = f"<!doctype html><title>x</title><script>evil()</script><h1>Report</h1><p>{SAID}</p>"
    path.write_text(page, encoding="utf-8")
    return path


def write_notebook(path: Path) -> Path:
    cells = [
        {"cell_type": "markdown", "source": ["# Report\n", SAID]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": ["1\n"]}]},
    ]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def write_epub(path: Path) -> Path:
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Report</h1><p>{SAID}</p></body></html>'
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="a.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier><dc:title>t</dc:title>'
        "<dc:language>en</dc:language></metadata>"
        '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/></spine></package>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("a.opf", package)
        archive.writestr("c.xhtml", chapter)
    return path


@pytest.mark.filterwarnings("ignore::EncodingWarning")  # of the libraries that write them
@pytest.mark.parametrize(
    ("write", "name"),
    [
        (write_docx, "a.docx"), (write_xlsx, "a.xlsx"), (write_pptx, "a.pptx"), (write_odt, "a.odt"), (write_rtf, "a.rtf"),
        (write_html, "a.html"), (write_notebook, "a.ipynb"), (write_epub, "a.epub"),
    ],
)  # fmt: skip
def test_a_document_of_every_format_is_read(tmp_path, write, name):
    reading = read_document(write(tmp_path / name))
    assert SAID in reading.document.text
    assert "evil" not in reading.document.text


def test_a_pdf_is_read_by_pages_and_some_of_them_can_be_named(tmp_path, qwen3):
    path = write_pdf(tmp_path / "a.pdf", [f"Page {number} says hello." for number in range(1, 6)])
    whole = read_document(path).document.text
    assert [f"[page {number}]" in whole for number in range(1, 7)] == [True] * 5 + [False]
    done = qwen3("ask", "--show-prompt", "-f", "a.pdf#2-3", "What?")
    text = done.stdout.decode()
    assert ("[page 1]" in text, "[page 2]" in text, "[page 3]" in text) == (False, True, True)
    assert (
        qwen3("ask", "--show-prompt", "-f", "a.pdf", "--pages", "4-", "What?").stdout.count(
            b"[page"
        )
        == 2
    )


@pytest.mark.parametrize(
    ("font", "text"),
    [
        ("HeiseiMin-W3", "これは日本語の文章です。港は新しい岸壁を開いた。"),
        ("STSong-Light", "港口今年开放了新的泊位，货物增加了一倍。"),
        ("HYSMyeongJo-Medium", "항구는 올해 새로운 부두를 열었다."),
        ("Helvetica", "1.3 What came of it " + ". " * 50 + "17"),
    ],
)
def test_a_page_that_one_reader_takes_for_rubbish_is_read_by_the_other(tmp_path, font, text):
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfgen.canvas import Canvas

    if font != "Helvetica":
        registerFont(UnicodeCIDFont(font))
    canvas = Canvas(str(tmp_path / "a.pdf"), invariant=1)
    for line in range(12):
        canvas.setFont(font, 11)
        canvas.drawString(72, 720 - 40 * line, text)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(
            72, 700 - 40 * line, f"Plain words on line {line}, and a good many of them."
        )
    canvas.showPage()
    canvas.showPage()  # a blank one
    canvas.save()
    reading = read_document(tmp_path / "a.pdf")
    assert reading.document.text.count(text) == 12
    assert reading.document.text.count("a good many of them.") == 12
    assert reading.remarks == ()


def test_letters_without_a_meaning_are_told_as_not_read():
    assert legible("isosur\ufffeface\r\nand more") == "isosurface\nand more"
    assert legible("\x01\x02\x03 \ue000\ue001 some") == ""
    assert agrees("# The **harbour** and its [map](map.html)", "its map and The harbour")
    assert not agrees("The harbour", "The harbour has forty berths")
    assert not agrees("x" * 99, "x" * 9)


def test_pages_that_are_pictures_are_named_and_not_skipped_in_silence(tmp_path, qwen3):
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    pixel = ImageReader(io.BytesIO(b"P6 2 2 255\n" + bytes(12)))
    canvas = Canvas(str(tmp_path / "scan.pdf"), invariant=1)
    canvas.drawString(72, 720, "The first page has words, quite a few of them, to be read.")
    canvas.showPage()
    canvas.drawImage(pixel, 0, 0, 600, 800)
    canvas.showPage()
    canvas.save()
    done = qwen3("ask", "--show-prompt", "-f", "scan.pdf", "What?")
    assert "nothing was read of page 2" in done.stderr
    assert b"first page has words" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "cannot be read"),
        ("cut.docx", b"PK\x03\x04" + bytes(60), "cannot be read"),
        ("cut.epub", b"PK\x03\x04" + bytes(60), "cannot be read"),
        ("empty.ipynb", b'{"cells": []}', "there is no text in it"),
        ("empty.pdf", b"", "it is empty"),
        ("wrong.ipynb", b'{"cells": ', "cannot be read"),
        ("other.ipynb", b'{"cells": [{"source": 5}]}', "it is JSON, and no notebook"),
        ("deep.ipynb", b'{"cells":' + b"[" * 200_000, "it is nested too deep"),
        ("deep.html", b"<html>" + b"<div>" * 5_000 + b"x", "it is nested too deep"),
        ("other.zip", ARCHIVE, "it is no kind of document that is known"),
        ("noise.bin", bytes(range(256)) * 4, "is not text in any encoding"),
        ("marked.txt", b"\xff\xfea", "says that it is utf-16, and is not"),
    ],
)
def test_what_cannot_be_read_exits_2_with_the_reason(qwen3, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    done = qwen3("ask", "-f", name, "What?")
    assert (done.code, done.stdout) == (2, b"")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_encrypted_pdf_says_so(tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption

    path = write_pdf(tmp_path / "a.pdf", ["secret"], encrypt=StandardEncryption("pw", strength=128))
    with pytest.raises(UsageProblem, match="cannot be read"):
        read_document(path)


def test_a_bomb_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "bomb.docx"
    write_docx(path)
    archive = zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED)
    with archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("word/document.xml", b"<w:document>" + b"a" * 2**28)
    with pytest.raises(UsageProblem, match="cannot be read"):
        read_document(path)


ENTITIES = '<!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;&x;&x;">]>'


@pytest.mark.filterwarnings("ignore::EncodingWarning")  # of the libraries that write them
@pytest.mark.parametrize(
    ("write", "member"),
    [
        (write_docx, "word/document.xml"), (write_xlsx, "xl/worksheets/sheet1.xml"), (write_odt, "content.xml"),
        (write_pptx, "ppt/slides/slide1.xml"), (write_epub, "c.xhtml"), (write_epub, "a.opf"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_that_declares_xml_entities_is_refused(tmp_path, write, member, encoding):
    write(tmp_path / "plain.zip")
    with (
        zipfile.ZipFile(tmp_path / "plain.zip") as plain,
        zipfile.ZipFile(tmp_path / "a.zip", "w") as bomb,
    ):
        for name in plain.namelist():
            text = plain.read(name)
            if name == member:
                root = text.decode().rpartition("?>")[2]
                text = f"<!-- <a> -->\n{ENTITIES}{root}".encode(encoding)
            bomb.writestr(name, text)
    with pytest.raises(UsageProblem, match="it declares XML entities of its own"):
        read_document(tmp_path / "a.zip")


def test_a_web_page_is_read_as_browsers_read_it_with_end_tags_left_out(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(
        "<!doctype html><!-- unsaid --><table><tr><th>a<th>b<tr><td>1<td>2</table><ul><li>x<li>y</ul>",
        encoding="utf-8",
    )
    text = read_document(page).document.text
    assert text == "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n* x\n* y"


def test_a_web_page_that_names_no_encoding_has_it_guessed_and_told(tmp_path):
    said = "Привет, мир. Это довольно длинный текст на русском языке, чтобы угадать кодировку."
    page = tmp_path / "a.html"
    page.write_bytes(f"<html><p>{said}</p>".encode("cp1251"))
    reading = read_document(page)
    assert reading.document.text == said
    assert "which is a guess" in reading.remarks[0]
    page.write_bytes(f'<html><meta charset="cp1251"><p>{said}</p>'.encode("cp1251"))
    assert (read_document(page).document.text, read_document(page).remarks) == (said, ())


def test_a_web_page_that_declares_xml_entities_is_refused_and_one_about_them_is_not(tmp_path):
    page = tmp_path / "a.xhtml"
    page.write_text(f"<?xml version='1.0'?>{ENTITIES}<html><p>&y;</p></html>", encoding="utf-8")
    with pytest.raises(UsageProblem, match="it declares XML entities of its own"):
        read_document(page)
    page.write_text(
        "<?xml version='1.0'?><!DOCTYPE html><html><p>&lt;!ENTITY x 'y'&gt;</p></html>",
        encoding="utf-8",
    )
    assert read_document(page).document.text == "<!ENTITY x 'y'>"


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff\n"])
def test_a_file_without_a_text_is_told(qwen3, text):
    (qwen3.folder / "blank.md").write_text(text, encoding="utf-8")
    done = qwen3("ask", "--no-think", "-f", "blank.md", "Hello")
    assert (done.code, done.stderr) == (0, "qwen3: blank.md has no text in it\n")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-16", "Hello, wörld"),
        ("utf-8-sig", "Hello, wörld"),
        ("cp1252", "café crème brûlée, naïve façade, déjà vu et l'été à la plage"),
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю"),
        ("shift_jis", "今日は良い天気ですね。明日も晴れるといいな。"),
        ("gb18030", "我们今天下午三点在会议室讨论这个项目的进展情况。"),
    ],
)
def test_text_of_any_encoding_is_read_and_a_guess_is_told(tmp_path, encoding, text):
    path = tmp_path / "a.txt"
    path.write_bytes(f"{text}\r\nnext\rlast".encode(encoding))
    reading = read_document(path)
    assert reading.document.text == f"{text}\nnext\nlast"
    assert bool(reading.remarks) == (not encoding.startswith("utf"))


def test_source_code_is_fenced_with_its_language(tmp_path):
    (tmp_path / "a.py").write_text("print(1)\n", encoding="utf-8")
    block = read_document(tmp_path / "a.py").document.as_block()
    assert block.endswith(":\n```python\nprint(1)\n```")


def test_a_folder_is_every_text_in_it_but_what_git_ignores(tmp_path):
    for name, content in {
        ".gitignore": b"build/\n*.log\n!keep.log\n",
        "a.md": b"A",
        "b/c.txt": b"C",
        "b/.gitignore": b"secret.txt\n",
        "b/secret.txt": b"S",
        "build/x.txt": b"X",
        "d.log": b"D",
        "keep.log": b"K",
        "picture.png": b"\x89PNG\0",
        ".hidden": b"H",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    readings = read_named(str(tmp_path))
    names = [Path(each.document.name).relative_to(tmp_path).as_posix() for each in readings]
    assert names == ["a.md", "b/c.txt", "keep.log"]
    assert readings[0].remarks == (f"{tmp_path}: 1 files that are no text were passed over",)
    assert len(read_named(str(tmp_path / "**" / "*.txt"))) == 3


@pytest.mark.parametrize("given", ["0", "a", "3-1", "-2", ""])
def test_pages_that_are_none_are_refused(given):
    with pytest.raises(UsageProblem):
        read_pages(given)


def test_a_text_has_no_pages(tmp_path):
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageProblem, match="has no pages"):
        read_named(f"{tmp_path}/a.txt#1-2")


def test_a_name_with_a_number_sign_is_a_name_first(tmp_path):
    (tmp_path / "a#1").write_text("x", encoding="utf-8")
    assert read_named(f"{tmp_path}/a#1")[0].document.text == "x"


def test_a_document_cannot_reach_the_network_or_write(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; sys.argv = ['w', 'notebook']\n"
        "import qwen3cli.documents.converter_worker as w\n"
        "def evil(raw):\n"
        "    import socket\n"
        "    try: socket.create_connection(('127.0.0.1', 9), 1)\n"
        "    except ConnectionRefusedError: return {'error': 'reached'}\n"
        "    except OSError as problem: return {'error': type(problem).__name__}\n"
        "w._CONVERTERS['notebook'] = lambda: evil\n"
        "w.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    from qwen3cli.base.confinement import landlock_version

    expected = "PermissionError" if landlock_version() >= 4 else "reached"
    assert json.loads(done.stdout) == {"error": expected}


def test_a_name_that_is_no_utf8_stands_in_the_prompt_as_far_as_it_is_text(qwen3, tmp_path):
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("Milk.", encoding="utf-8")
    done = qwen3("ask", "--json", "--no-think", "-f", name, "Hello")
    assert done.code == 0
    shown = qwen3("ask", "--show-prompt", "-f", name, "Hello").stdout.decode()
    assert "caf\ufffd.txt:\n```\nMilk." in shown


def test_a_folder_of_too_many_files_is_refused_before_all_are_looked_for(tmp_path):
    for number in range(1001):
        (tmp_path / f"{number}.md").touch()
    for name in (str(tmp_path), f"{tmp_path}/*.md", "/"):
        with pytest.raises(UsageProblem, match="has more than 1,000 files"):
            read_named(name)
