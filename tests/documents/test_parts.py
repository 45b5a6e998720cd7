"""Long texts in parts: nothing lost, nothing too long, and cut where a reader would pause."""

from hypothesis import given
from hypothesis import strategies as st

from qwen3cli.documents.parts import cut_into_parts


def words(text: str) -> int:
    return len(text.split())


def letters(text: str) -> int:
    return len(text.encode())


TEXTS = st.text(st.sampled_from("ab. \n#。й😀[]"), max_size=300)


@given(TEXTS, st.integers(4, 60))
def test_the_parts_are_the_text_and_none_is_too_long(text, most):
    parts = cut_into_parts(text, most, letters)
    assert "".join(parts) == text
    assert all(letters(part) <= most for part in parts)


def test_what_fits_is_one_part():
    assert cut_into_parts("# A\n\nshort", 10, words) == ["# A\n\nshort"]
    assert cut_into_parts("", 10, words) == [""]


def test_sections_stay_whole_and_short_ones_together():
    one, two, three = ("# " + name + "\n\n" + "word " * 4 + "\n" for name in "ABC")
    assert cut_into_parts(one + two + three, 12, words) == [one + two, three]


def test_a_long_section_is_cut_at_lower_headings_pages_and_paragraphs():
    text = "# A\n\nintro one\n\n## B\n\nb b b b\n\n## C\n\nc c c c\n\n[page 2]\nd d d d\n\ne e e e"
    parts = cut_into_parts(text, 7, words)
    assert [part.split("\n")[0] for part in parts] == ["# A", "## B", "## C", "[page 2]", "e e e e"]


def test_a_sentence_is_cut_only_where_it_does_not_fit():
    assert cut_into_parts("One two. Three four. Five six.", 2, words) == [
        "One two. ",
        "Three four. ",
        "Five six.",
    ]
    assert cut_into_parts("天气很好。我们走吧。", 16, letters) == ["天气很好。", "我们走吧。"]
    assert cut_into_parts("abcdefgh", 4, letters) == ["abcd", "efgh"]
    assert cut_into_parts("😀😀", 2, letters) == ["😀", "😀"]
