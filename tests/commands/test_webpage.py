"""`ask -T webpage` and `-T webpage-free`: a document as a web page, through the real engine, schema and all."""

from pathlib import Path

import html5lib
import pytest
from support.parrot import write_parrot
from support.substance import substance, write_reader

from qwen3cli.commands.webpage.placing import placed
from qwen3cli.commands.webpage.substance import groups_of_summaries
from qwen3cli.commands.webpage.written import guarded
from qwen3cli.render.page.values import Article, Picture, Section

PAGE = ("ask", "-T", "webpage", "--output", "page.html")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "report.md"
    path.write_text("# The harbour\n\nForty more berths.\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reader(tmp_path_factory.mktemp("model") / "reader.gguf", substance())


def page_of(folder: Path) -> str:
    """The page, which is HTML without a single fault."""
    text = (folder / "page.html").read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    return text


def test_a_document_becomes_a_page_and_nothing_is_on_standard_output(qwen3, document, reader):
    done = qwen3(*PAGE, "-m", reader, "-f", document)
    assert (done.code, done.stdout) == (0, b"")
    page = page_of(qwen3.folder)
    assert '<html lang="en" dir="ltr">' in page
    assert "<h1>The harbour in 2025</h1>" in page
    assert "<p>Forty more.</p>\n<p>None less.</p>" in page
    assert "report.md" in page


def test_the_author_is_the_documents_unless_one_is_given(qwen3, document, tmp_path):
    said = substance(
        author={"name": "Ada Lovelace", "link": "https://example.org/ada", "year": "1843"}
    )
    reader = write_reader(tmp_path / "reader.gguf", said)
    assert qwen3(*PAGE, "-m", reader, "-f", document).code == 0
    page = page_of(qwen3.folder)
    assert (
        '<a href="https://example.org/ada" rel="author noopener noreferrer"><bdi>Ada Lovelace'
        in page
    )
    assert "1843" in page
    given = ("--param", "author=Grace Hopper", "--param", "link=https://example.org/grace")
    assert qwen3(*PAGE, "-m", reader, "-f", document, *given).code == 0
    page = page_of(qwen3.folder)
    assert (
        'href="https://example.org/grace" rel="author noopener noreferrer"><bdi>Grace Hopper'
        in page
    )
    assert "Lovelace" not in page
    assert "1843" not in page


def test_a_long_document_is_read_in_parts_which_is_said_and_put_under_one_title(qwen3, tmp_path):
    long = tmp_path / "long.md"
    long.write_text(
        "".join(f"# Chapter {n}\n\n{'word ' * 300}\n\n" for n in "ABC"), encoding="utf-8"
    )
    same = {"text": "The site", "address": "https://example.org/"}
    chapters = [
        substance(
            title=name,
            sections=[{"heading": f"{name}.", "text": f"Of {name}", "points": []}],
            links=[same],
        )
        for name in ("First", "Second", "Third")
    ]
    whole = {"title": "All three", "summary": "Together."}
    reader = write_reader(tmp_path / "r.gguf", *chapters, whole=whole, context_tokens=6144)
    done = qwen3(*PAGE, "-m", reader, "-f", long)
    assert done.code == 0, done.stderr
    assert "are read in 3 parts" in done.stderr
    assert "part 2 of 3" in done.stderr
    page = page_of(qwen3.folder)
    assert "<h1>All three</h1>" in page
    assert [page.index(f"<p>Of {name}</p>") for name in ("First", "Second", "Third")]
    assert page.count('<a href="https://example.org/"') == 1


def test_a_picture_stands_at_the_section_whose_words_are_around_it(qwen3, tmp_path):
    address = "https://example.org/{}.png"
    says = {
        "berths": "The harbour has forty more berths for ferries.",
        "birds": "In winter the island belongs to geese and swans.",
        "money": "All of it cost eleven millions, paid by the county.",
    }
    pictures = {name: f"{text}\n\n![]({address.format(name)})" for name, text in says.items()}
    other = f"{'Filler. ' * 90}\n\n![]({address.format('other')})\n\n{'Filler. ' * 90}"
    document = tmp_path / "report.md"
    document.write_text(
        f"\n\n{'Filler. ' * 90}\n\n".join([*pictures.values(), other]), encoding="utf-8"
    )
    sections = [
        {"heading": name.title(), "text": text, "points": []} for name, text in says.items()
    ]
    reader = write_reader(tmp_path / "reader.gguf", substance(sections=sections))
    assert qwen3(*PAGE, "-m", reader, "-f", document).code == 0
    page = page_of(tmp_path)
    places = [
        place
        for name in says
        for place in (
            page.index(f">{name.title()}</h2>"),
            page.index(f'href="{address.format(name)}"'),
        )
    ]
    gallery = [page.index('id="pictures-heading"'), page.index(f'href="{address.format("other")}"')]
    assert (places + gallery) == sorted(places + gallery)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("बंदरगाह ने चालीस नए घाट खोले।", "सर्दियों में द्वीप पर हंस रहते हैं।"),
        ("港口今年开放了四十个新泊位。", "冬天岛上住着大雁和天鹅。"),
        ("افتتح الميناء أربعين رصيفًا جديدًا.", "في الشتاء تعيش الطيور على الجزيرة."),
    ],
)
def test_pictures_are_placed_by_words_of_any_script(first, second):
    article = Article("", "", "und", sections=(Section("1", first), Section("2", second)))
    pictures = [(Picture("data:image/webp;a"), second), (Picture("data:image/webp;b"), first)]
    sections = placed(article, pictures).sections
    assert [[each.address[-1] for each in section.pictures] for section in sections] == [
        ["b"],
        ["a"],
    ]


def test_many_summaries_are_put_together_in_groups_of_two_at_least():
    parts = [substance(title=str(at), summary="x" * at) for at in (10, 10, 10, 99, 10)]
    groups = groups_of_summaries(parts, 30, len)
    assert [[len(part["summary"]) for part in group] for group in groups] == [
        [10, 10],
        [10, 99],
        [10],
    ]
    assert groups_of_summaries(parts, 1000, len) == [parts]


def test_the_page_is_in_the_documents_language_whatever_the_model_calls_it(
    qwen3, document, tmp_path
):
    text = "تقرير الميناء لهذا العام"
    section = {"heading": text, "text": text, "points": []}
    said = substance(language="en", title=text, summary=text, sections=[section])
    reader = write_reader(tmp_path / "reader.gguf", said)
    assert qwen3(*PAGE, "-m", reader, "-f", document).code == 0
    page = page_of(qwen3.folder)
    assert '<html lang="ar" dir="rtl">' in page
    assert f"<h1>{text}</h1>" in page


def test_a_model_that_finds_nothing_exits_10_and_what_it_said_is_printed(qwen3, document, tmp_path):
    reader = write_reader(tmp_path / "reader.gguf", substance(sections=[]))
    (tmp_path / "page.html").write_text("old", encoding="utf-8")
    done = qwen3(*PAGE, "-m", reader, "-f", document)
    assert done.code == 10
    assert b'"title": "The harbour in 2025"' in done.stdout
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "old"


def test_an_answer_cut_short_exits_9_and_leaves_the_file(qwen3, document, reader, tmp_path):
    done = qwen3(*PAGE, "-m", reader, "-f", document, "-n", "20")
    assert done.code == 9
    assert not (tmp_path / "page.html").exists()
    assert done.stdout.startswith(b'{"language": "en"')


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "there is no document to make a page of"),
        (["-f", "empty.md"], 2, "there is no document to make a page of"),
        (["-f", "nowhere.pdf"], 2, "no such file: nowhere.pdf"),
        (["-f", "report.md", "--output", "no/page.html"], 2, "no such folder: no"),
        (["-f", "report.md", "-x"], 2, "a web page and --extract contradict each other"),
        (["-f", "report.md", "--schema", "a"], 2, "a web page and --schema"),
        (["-f", "report.md", "--param", "link=javascript:alert(1)"], 2, "no address of the web"),
        (["-f", "report.md", "--name", "x"], 2, "a web page is no conversation"),
        (["-f", "report.md", "--ctx", "512"], 8, "leaves too little for a document"),
    ],
)
def test_what_makes_no_page_is_told_and_no_page_written(
    qwen3, document, reader, tmp_path, arguments, code, says
):
    (tmp_path / "empty.md").touch()
    done = qwen3("ask", "-T", "webpage", "--output", "page.html", "-m", reader, *arguments)
    assert (done.code, done.stdout) == (code, b"")
    assert says in done.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("command", [("chat",), ("map", "a.txt")])
def test_only_ask_makes_pages(qwen3, command):
    done = qwen3(*command, "-T", "webpage")
    assert (done.code, done.stdout) == (2, b"")
    assert "qwen3 ask -T webpage -f report.pdf" in done.stderr


def test_what_the_model_would_be_asked_is_shown_part_by_part(qwen3, tmp_path, reader):
    long = tmp_path / "long.md"
    long.write_text("".join(f"# {n}\n\n{'word ' * 300}\n\n" for n in "AB"), encoding="utf-8")
    done = qwen3("ask", "-T", "webpage", "-m", reader, "-f", long, "--show-prompt")
    assert done.code == 0
    assert b"This is part 1 of 2 of the document." in done.stdout
    assert b"This is part 2 of 2 of the document." in done.stdout


def test_a_page_does_not_run_over_a_terminal(terminal, document):
    terminal.type(f"qwen3 ask -T webpage -f {document}; echo code $?\n")
    assert "--output page.html --open" in terminal.wait_for("code 2")


WRITTEN = b'Here:\n```html\n<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>A</title>\n</head>\n<body>B</body></html>\n```\n'


def test_a_page_that_the_model_writes_stands_behind_our_policy(qwen3, tmp_path):
    model = write_parrot(tmp_path / "free.gguf", WRITTEN)
    done = qwen3("ask", "-T", "webpage-free", "--output", "page.html", "-m", model, "A page on B")
    assert (done.code, done.stdout) == (0, b"")
    page = page_of(tmp_path)
    assert '<head>\n<meta http-equiv="Content-Security-Policy"' in page
    assert "default-src 'none'" in page
    assert "jsdelivr" not in page
    assert page.endswith("<body>B</body></html>\n")


@pytest.mark.parametrize(
    "page",
    [
        "<html><body onload=x>C</body></html>",
        '<!DOCTYPE html><html lang="><head><img src=https://evil.example>',
        "<!doctype html><!-- <html><head> --><p>D",
        "<!doctype html><html\u00a0lang='x'><head><p>E",
        "<!doctype html><html><head title='>'><p>F",
    ],
)
def test_a_page_that_begins_otherwise_has_the_policy_before_anything_of_it(page):
    written = guarded(page, may_load=True)
    assert written.startswith('<!DOCTYPE html>\n<meta http-equiv="Content-Security-Policy"')
    assert "script-src 'unsafe-inline' https://cdn.jsdelivr.net;" in written


OUTSIDE = (
    '<script src="https://cdn.jsdelivr.net/x.js"></script><script src="https://other.example/x.js"></script></head>'
    '<body background="https://other.example/b.png"><img src="https://other.example/x.png" alt="x">'
    '<script>window.ran = true; fetch("https://other.example/").catch(() => 0)</script>'
)


@pytest.mark.parametrize(
    ("begin", "may_load", "asked"),
    [
        ('<html lang="en"><head><title>A</title>', False, []),
        ('<html lang="en"><head><title>A</title>', True, ["https://cdn.jsdelivr.net/x.js"]),
        ("<!-- <html><head> -->", False, []),
    ],
)
def test_a_browser_runs_what_the_model_wrote_and_loads_nothing(
    browser, tmp_path, begin, may_load, asked
):
    page = tmp_path / "free.html"
    page.write_text(
        guarded(f"<!DOCTYPE html>{begin}{OUTSIDE}", may_load=may_load), encoding="utf-8"
    )
    browser.open(page)
    assert browser.run("window.ran") is True
    assert browser.requests == [page.as_uri(), *asked]


def test_rubbish_instead_of_a_page_exits_10_and_is_printed(qwen3, tmp_path):
    model = write_parrot(tmp_path / "free.gguf", b"I would rather not.")
    done = qwen3("ask", "-T", "webpage-free", "--output", "page.html", "-m", model, "A page")
    assert done.code == 10
    assert done.stdout == b"I would rather not.\n"
    assert "the answer holds no HTML page" in done.stderr
    wrong = qwen3("ask", "-T", "webpage-free", "--param", "cdn=maybe", "-m", model, "A page")
    assert wrong.code == 2
    assert "cdn is yes or no, not maybe" in wrong.stderr
