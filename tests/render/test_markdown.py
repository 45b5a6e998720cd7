"""Markdown as it is drawn: CommonMark's text, nothing lost, whatever the cuts, in time linear in the text."""

import re
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qwen3cli.render.markdown.stream import MarkdownStream
from qwen3cli.render.ornaments import ornaments


def drawn(text: str, width: int = 200, size: int = 10**9) -> str:
    """What is on the screen after a text that came in pieces of `size` characters, each of them drawn."""
    stream = MarkdownStream(ornaments({}))
    rows = []
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
        rows += stream.rows(width).finished
    return "\n".join(row.plain.rstrip() for row in [*rows, *stream.finish(width)])


class _TextOf(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = [
    "Two lines\nof *one* paragraph, **bold** and `code  here`",
    "# Title #\n\nSetext\n===\n\n#no title\n\n####### seven",
    "snake_case_word, *em*phasis, __strong__, **a *b* c**, ***d***",
    "2 * 3 * 4, a < b, x**2, 5*x*y, _a_b_, *.py and *.txt, src/**/*.py",
    "> a quote\nthat goes on\n> > deeper\n\nout",
    "- a\n- b\n\n  more\n  - c\n    - d\n* e",
    "    indented\n\n        code\n\n***\n- - -",
    "- item\n\n      code in it\n\n  > quote in it",
    "\\*no emphasis\\*, \\# none, \\[no link], 1\\. no list, &amp; &copy; &#35;",
    "**中文**。这是**重点**，*强调*。",
    "a  \nb\\\nc",
    "``a `b` c`` and ` `` ` and `unclosed",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_seen_is_the_text_of_commonmarks_own_reading(text):
    reference = _TextOf(MarkdownIt("commonmark").render(text)).text
    seen = re.sub("[•│─]", "", drawn(text))
    assert "".join(seen.split()) == "".join(reference.split())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("[text](/url 'title')", 'text (/url "title")'),
        ("<https://example.org/x>", "https://example.org/x"),
        ("![alt](a.png)", "alt (a.png)"),
        ("a <b>bold</b> tag<br>", "a <b>bold</b> tag<br>"),
        ("<div>\n*as it is*\n</div>", "<div>\n*as it is*\n</div>"),
        ("[foo]\n\n[foo]: /url", "foo (/url)\n\n[foo]: /url"),
        ("[run](javascript:x)", "run (javascript:x)"),
        ("1. one\n7) two", "1. one\n7) two"),
        ("- \n-\n3.", "•\n•\n3."),
        ("~~gone~~ - [ ] open", "~~gone~~ - [ ] open"),
    ],
)
def test_html_targets_definitions_and_numbers_are_still_shown(text, seen):
    assert drawn(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        r"The roots are \(x_{1} = \frac{-b \pm \sqrt{b^2-4ac}}{2a}\) and \(x_2\).",
        r"\[ E = m*c*^2 \]",
        "\\[\nx\n= y\n+ z\n- w\n> 0\n# n\n\\]",
        "So it is\n$$\na_1 * b_2 \\\\\n* c\n$$",
        r"Inline $a_1 * b_2 * c_3$ and $\{x\}$ and $\alpha_i$.",
        r"\begin{align}a_1 &= b_1 \\ c_1 &= d_1\end{align}",
        r"a & b \\",
        r"About 50\% of it, \( left open",
        "It costs $5 and *not* $6".replace("*", ""),
        r"C:\Users\me\_private\[x]".removesuffix(r"\[x]"),
        r"\\server\share\_hidden\file.txt",
        "if a < b && c > d: x = y * z",
    ],
)
def test_formulas_paths_and_operators_stand_as_they_were_written(text):
    assert drawn(text) == text


def test_markup_beside_a_path_or_a_price_is_still_markup():
    assert drawn(r"**C:\temp\** and *x*") == "C:\\temp\\ and x"
    assert drawn("*$5* or *$6*") == "$5 or $6"


def test_code_is_never_touched():
    text = "````md\n```make\nall:\n\tcc  x\n\n```\n````"
    assert drawn(text) == text
    assert drawn(text, width=4) == text  # the terminal breaks its lines, so that they can be copied


@pytest.mark.parametrize(("columns", "width"), [(21, 80), (11, 40), (6, 20), (300, 80), (3, 12)])
def test_every_cell_of_a_table_too_wide_is_on_the_screen(columns, width):
    names = [f"n{index}" for index in range(columns)]
    cells = [f"c{index}" for index in range(columns)]
    lines = [names, ["-"] * columns, cells, ["last"]]
    seen = drawn("\n".join(f"|{'|'.join(line)}|" for line in lines), width)
    assert max(len(row) for row in seen.split("\n")) <= width
    assert [
        each
        for each in [*names, *cells, "last"]
        if each not in seen.split() + re.split(r"\W+", seen)
    ] == []


def test_a_table_whose_cells_are_broken_has_a_line_between_its_rows():
    seen = drawn("|a|b|\n|-|-:|\n|one two three|1|\n|x|2|", width=11)
    assert seen.split("\n") == [
        "a       │ b",
        "────────┼──",
        "one two │ 1",
        "three   │",
        "────────┼──",
        "x       │ 2",
    ]


PIECES = [
    "- ", "* ", "1. ", "2. ", "> ", ">", "    ", "  ", "\t", "# ", "```", "```py", "~~~", "---", "===", "\n", "\n", "\n",
    "\n\n", "**bold**", "*em*", "`code`", "|a|b|", "|-|-|", "<div>", "<!-- x", "-->", "\\[", "\\]", "$$", "x = y", "a_b",
    "[link](u)", "+ c", "\n> ", "\n  - ", "\n   ", "\n1. ", "&amp;", "\\", "word and more", "long " * 12,
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=3, max_size=50).map("".join),
    st.sampled_from([20, 40, 80]),
)
def test_how_the_text_is_cut_and_when_it_is_drawn_changes_nothing(text, width):
    assert drawn(text, width, size=1) == drawn(text, width)


# ---- hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = {
    "a heading of blanks": lambda n: "# a" + " " * n + "b",
    "backtick runs": lambda n: " ".join("`" * each for each in range(1, int((2 * n) ** 0.5))),
    "deep quotes": lambda n: (">" * 250 + " a\n") * (n // 250),
    "stars": lambda n: "*a **b " * (n // 7),
    "brackets": lambda n: "![" * (n // 2),
    "half formulas": lambda n: "\\(" * (n // 2) + "$a " * (n // 6),
    "columns": lambda n: "|" + "a|" * (n // 4) + "\n|" + "-|" * (n // 4) + "\n",
    "short rows": lambda n: "|" + "a|" * (n // 8) + "\n|" + "-|" * (n // 8) + "\n" + "|a|\n" * (n // 8),
    "open formulas": lambda n: "\\[\n" * (n // 3),
    "short lines": lambda n: "a\n" * (n // 2),
    "items": lambda n: "- a\n" * (n // 4),
    "one word": lambda n: "a" * n,
    "definitions": lambda n: "[a]: b\n" * (n // 7),
}  # fmt: skip


def _calls(text: str) -> int:
    """The functions that are called while a text streams in, which says how long it takes on any machine."""
    count = 0

    def counted(_frame: object, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        drawn(text, 80, size=max(1, len(text) // 20))
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_times_the_text_takes_at_most_fifteen_times_as_long(name):
    write = HOSTILE[name]
    assert _calls(write(5_000)) <= 15 * _calls(write(500))


def test_text_nested_too_deep_is_shown_as_it_stands():
    assert drawn(">" * 1000 + " deep").count(">") > 900
    assert drawn("- " * 50 + "deep").endswith("deep")
