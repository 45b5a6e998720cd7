"""Parts of files: `--head`, `--tail` and `--pages` for the `-f` before them, and what a refusal says would fit."""

import re
import shlex

import pytest

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.messages import Document, Excerpt
from qwen3cli.documents.excerpts import excerpt_of
from qwen3cli.documents.files import Named, Pages, read_name

LINES = "".join(f"Line {number} of some length.\n" for number in range(3000))


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (Excerpt(100), LINES),
        (Excerpt(12), "a b c"),
        (Excerpt(5), "x" * 40),
        (Excerpt(1), "aaaa\nbbbb"),
    ],
)
def test_an_excerpt_has_no_more_tokens_than_asked_for_and_is_the_beginning_or_the_end(wanted, text):
    for from_end in (False, True):
        document = Document("a", text, excerpt=Excerpt(wanted.tokens, from_end))
        kept = excerpt_of(document, count=len)
        assert len(kept.text) <= wanted.tokens
        assert text.endswith(kept.text) if from_end else text.startswith(kept.text)
        assert (kept.text != "", kept.excerpt) == (True, None)


def test_flags_count_for_the_file_before_them_alone(qwen3, tmp_path):
    for name in ("a.txt", "b.txt", "c#1-2"):
        (tmp_path / name).write_text(f"begin {name}\n{LINES[:400]}end {name}\n", encoding="utf-8")
    flags = ("-f", "a.txt", "--head=9", "--file=b.txt", "--tail", "12", "-f", "c#1-2")
    done = qwen3("ask", "--show-prompt", *flags, "What?")
    shown = done.stdout.decode()
    found = [
        mark
        for mark in ("begin a", "end a", "begin b", "end b", "begin c", "end c")
        if mark in shown
    ]
    assert found == ["begin a", "end b", "begin c", "end c"]
    assert "qwen3: a.txt: only the first 9 of " in done.stderr
    assert "qwen3: b.txt: only the last 12 of " in done.stderr
    piped = qwen3("ask", "--show-prompt", "-f", "-", "--head", "9", "What?", stdin=LINES.encode())
    assert b"Line 0 " in piped.stdout and b"Line 5 " not in piped.stdout


@pytest.mark.parametrize(
    "flags", [["--head", "5"], ["-f", "a.txt", "--head", "x"], ["-f", "a.txt", "--tail=0"]]
)
def test_a_part_of_nothing_is_refused(qwen3, tmp_path, flags):
    (tmp_path / "a.txt").write_text("one two", encoding="utf-8")
    done = qwen3("ask", *flags, "What?")
    assert (done.stdout, done.code, "Traceback" in done.stderr) == (b"", 2, False)


def test_a_name_says_what_is_wanted_of_it(tmp_path):
    assert read_name("a.pdf#2-3") == Named("a.pdf", Pages(2, 3))
    assert read_name("a.pdf#2-3#head=50") == Named("a.pdf", Pages(2, 3), Excerpt(50))
    assert read_name("a.txt#tail=50") == Named("a.txt", None, Excerpt(50, from_end=True))
    there = tmp_path / "a#1-2"
    there.write_text("", encoding="utf-8")
    assert read_name(str(there)) == Named(str(there))
    with pytest.raises(UsageProblem):
        read_name("a#head=0")


def test_a_refusal_tells_the_files_and_a_command_that_fits(qwen3, tmp_path):
    (tmp_path / "long one.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "short.txt").write_text("one", encoding="utf-8")
    done = qwen3("ask", "-f", "long one.txt", "-f", "short.txt", "What?")
    assert done.code == 8
    assert re.search(r"; long one\.txt [\d,]+, short\.txt \d+\n", done.stderr)
    fits = re.search(r"-f ('long one.txt' --head \d+); or --split", done.stderr)
    assert fits is not None
    flags = shlex.split(fits[1])
    assert qwen3("ask", "--show-prompt", "-f", *flags, "-f", "short.txt", "What?").code == 0
    done = qwen3("ask", "-n", "1", "-f", *flags, "-f", "short.txt", "What?")
    assert done.code == 9


def test_a_refusal_names_the_pages_that_fit(qwen3, tmp_path):
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), invariant=1)
    for page in range(40):
        for line in range(20):
            canvas.drawString(72, 720 - 20 * line, f"Page {page}, line {line} of some length.")
        canvas.showPage()
    canvas.save()
    done = qwen3("ask", "-f", "a.pdf", "What?")
    fits = re.search(r"-f a.pdf --pages (1-\d+)", done.stderr)
    assert fits is not None
    assert (done.code, fits[1] != "1-40") == (8, True)
    done = qwen3("ask", "-n", "1", "-f", "a.pdf", "--pages", fits[1], "What?")
    assert done.code == 9
