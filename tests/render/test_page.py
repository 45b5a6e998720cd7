"""The page of an article: HTML without a fault whatever it is made of, and what it does in a browser."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.articles import OUTSIDE, WORDS, article
from support.browser import DESKTOP, PHONE
from support.substance import substance

from qwen3cli.commands.webpage.substance import article_of, read_substance
from qwen3cli.render import page as page_package
from qwen3cli.render.page.article import article_page
from qwen3cli.render.page.language import direction_of, language_of
from qwen3cli.render.page.values import (
    Article,
    Author,
    Event,
    Figure,
    Link,
    Picture,
    Quote,
    Section,
    Table,
)

HOSTILE = (
    "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}\u202e\x07\ud800"
)


def tree_of(page: str) -> Any:
    """The page's elements; it has no fault at all."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def test_a_page_names_every_part_it_points_at_once():
    tree = tree_of(article_page(article()))
    ids = [each.attrib["id"] for each in tree.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids))
    targets = {
        each.attrib["href"][1:] for each in tree.iter() if each.attrib.get("href", "")[:1] == "#"
    }
    labels = {
        each.attrib["aria-labelledby"] for each in tree.iter() if "aria-labelledby" in each.attrib
    }
    assert targets | labels <= set(ids)
    assert all(each.attrib.get("alt") for each in tree.iter("img"))
    assert [each.tag for each in tree.iter() if each.tag in ("h1", "h2")][:2] == ["h1", "h2"]


def test_what_is_markup_in_an_article_is_text_on_its_page():
    page = article_page(_hostile())
    tree = tree_of(page)
    assert len(list(tree.iter("script"))) == 1
    assert not [each for each in tree.iter() if any(name.startswith("on") for name in each.attrib)]
    assert {
        each.attrib["href"] for each in tree.iter("a") if each.attrib["href"][:1] != "#"
    } == set()
    assert "\x07" not in page
    assert "\u202e" not in page
    assert "{{7*7}}" in page


def _hostile() -> Article:
    return replace(
        article(),
        title=HOSTILE,
        summary=HOSTILE,
        source=HOSTILE,
        author=Author(HOSTILE, f"javascript:{HOSTILE}", HOSTILE),
        sections=(Section(HOSTILE, HOSTILE, (HOSTILE,)),),
        timeline=(Event(HOSTILE, HOSTILE),),
        figures=(Figure(HOSTILE, HOSTILE, ((HOSTILE, 1), (HOSTILE, 2))),),
        quotes=(Quote(HOSTILE, HOSTILE),),
        tables=(Table(HOSTILE, (HOSTILE,), ((HOSTILE,),)),),
        links=(Link(HOSTILE, f"https://example.org/{HOSTILE}"), Link(HOSTILE, "data:text/html,x")),
        pictures=(Picture(f"https://example.org/{HOSTILE}", HOSTILE),),
    )


@pytest.mark.parametrize(
    ("text", "told", "language", "direction"),
    [
        ("تقرير الميناء", "en", "ar", "rtl"),
        ("گزارش بندر", "fa", "fa", "rtl"),
        ("דוח הנמל", "", "he", "rtl"),
        ("港口年度报告", "en", "zh", "ltr"),
        ("港の報告です", "zh", "ja", "ltr"),
        ("बंदरगाह की रिपोर्ट", "mr", "mr", "ltr"),
        ("Le port en 2025", "fr", "fr", "ltr"),
        ("The harbour", "ar", "und", "ltr"),
        ("The harbour", "xx", "und", "ltr"),
        ("2025", "", "und", "ltr"),
    ],
)
def test_a_language_is_what_the_model_says_as_far_as_the_letters_agree(
    text, told, language, direction
):
    assert language_of(text, told) == language
    assert direction_of(language) == direction


def test_the_words_of_every_language_are_the_same_and_have_their_places():
    words = json.loads(
        (Path(page_package.__file__).parent / "assets/words.json").read_text(encoding="utf-8")
    )
    for each in words.values():
        assert each.keys() == words["en"].keys()
        assert [text.count("{}") for text in each.values()] == [
            text.count("{}") for text in words["en"].values()
        ]


TEXT = st.text(max_size=12)
NUMBER = st.one_of(st.integers(-(10**400), 10**400), st.floats(-1e300, 1e300))
VALUES = st.lists(st.fixed_dictionaries({"label": TEXT, "value": NUMBER}), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None)
@given(
    language=st.sampled_from(["en", "ar", "zz"]),
    title=TEXT,
    sections=st.lists(
        st.fixed_dictionaries(
            {"heading": TEXT, "text": TEXT, "points": st.lists(TEXT, max_size=2)}
        ),
        max_size=2,
    ),
    figures=st.lists(
        st.fixed_dictionaries({"title": TEXT, "unit": TEXT, "values": VALUES}), max_size=3
    ),
    tables=st.lists(
        st.fixed_dictionaries(
            {
                "title": TEXT,
                "columns": st.lists(TEXT, min_size=1, max_size=3),
                "rows": st.lists(st.lists(TEXT, max_size=4), max_size=3),
            }
        ),
        max_size=2,
    ),
    links=st.lists(st.fixed_dictionaries({"text": TEXT, "address": TEXT}), max_size=2),
)
def test_whatever_the_schema_lets_through_makes_a_page_without_a_fault(**fields):
    read = read_substance(json.dumps(substance(**fields)))
    tree_of(article_page(article_of([read], read, "report.pdf")))


def write(folder: Path, language: str = "en") -> Path:
    path = folder / f"{language}.html"
    path.write_text(article_page(article(language)), encoding="utf-8")
    return path


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", WORDS)
def test_a_browser_has_nothing_to_complain_of_and_asks_for_nothing(
    browser, tmp_path, language, size
):
    path = write(tmp_path, language)
    browser.open(path, size)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.run("getComputedStyle(document.body).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    assert (browser.errors, browser.requests) == ([], [path.as_uri()])


def test_a_screen_reader_has_a_name_for_whatever_it_comes_to(browser, tmp_path):
    browser.open(write(tmp_path))
    spoken = browser.spoken()
    named = {"button", "link", "image", "table", "heading", "navigation", "region", "columnheader"}
    assert [each for each in spoken if each[0] in named and not each[1].strip()] == []
    roles = [role for role, _ in spoken]
    assert named | {"main", "banner"} <= set(roles)
    assert next(name for role, name in spoken if role == "heading") == WORDS["en"][0]


CONTRAST = """
(() => {
  const light = (color) => {
    const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color.startsWith("rgba") || color === "transparent" ? ground(element.parentElement) : color;
  };
  return Math.min(...[...document.querySelectorAll("main *, nav *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => !element.closest("svg, [hidden], .unseen"))
    .map((element) => [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a))
    .map(([more, less]) => (more + 0.05) / (less + 0.05)));
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground_and_the_switch_turns_both_round(
    browser, tmp_path, scheme
):
    browser.open(write(tmp_path), prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    assert browser.run(CONTRAST) >= 4.5  # WCAG 2.2, level AA
    before = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.run("document.getElementById('theme').click()")
    assert browser.run("getComputedStyle(document.body).backgroundColor") != before
    assert browser.run(CONTRAST) >= 4.5
    browser.run("document.getElementById('theme').click()")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == before


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_timeline_goes_on_by_its_button_and_by_the_arrow_of_its_direction(
    browser, tmp_path, language
):
    browser.open(write(tmp_path, language), prefers_reduced_motion="reduce")
    key = "ArrowLeft" if language == "ar" else "ArrowRight"
    at = "[...document.querySelectorAll('.timeline li')].findIndex((one) => one.matches('.here'))"
    settled = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    assert browser.run(at) == 0
    browser.run(f"document.querySelector('[data-step=\"1\"]').click(); {settled}")
    assert browser.run(at) == 1
    browser.run(
        "document.querySelector('.timeline ol').dispatchEvent("
        f"new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}})); {settled}"
    )
    assert browser.run(at) == 2


def test_a_picture_outside_is_asked_for_when_it_is_clicked_and_others_open_large(browser, tmp_path):
    path = write(tmp_path)
    browser.open(path)
    browser.run("document.querySelector('.pictures img').click()")
    assert browser.run("document.getElementById('viewer').open") is True
    assert browser.requests == [path.as_uri()]
    browser.run(
        "document.querySelector('[data-picture]').click();"
        "new Promise((done) => setTimeout(done, 200))"
    )
    assert browser.requests == [path.as_uri(), OUTSIDE]


def test_a_script_that_is_not_ours_does_not_run_and_the_page_prints(browser, tmp_path):
    path = write(tmp_path)
    page = path.read_text(encoding="utf-8").replace(
        "</main>", "<script>window.hacked = 1</script></main>"
    )
    path.write_text(page, encoding="utf-8")
    browser.open(path)
    assert browser.run("window.hacked === undefined")
    assert any("Content Security Policy" in each for each in browser.errors)
    assert len(re.findall(rb"/Type\s*/Page\b", browser.printed())) >= 1
