"""An article as a page: its values in their order, with what a browser needs to show them well.

What is not there has no heading; what cannot be shown safely (an address of no web) is shown as text.
"""

import math
import re
import unicodedata
from collections.abc import Iterator

from qwen3cli.render.page import charts
from qwen3cli.render.page.addresses import host_of, origin_of, safe_address
from qwen3cli.render.page.charts import Form
from qwen3cli.render.page.shell import page
from qwen3cli.render.page.values import Article

# How fast people read: words a minute, and letters in scripts that put no spaces between words (M. Brysbaert 2019;
# S. Trauzettel-Klosinski and K. Dietz 2012).
_WORDS_A_MINUTE, _LETTERS_A_MINUTE = 240, 260
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_CURRENCY = r"(?:%|٪|‰|[$€£¥₹₽₩₺฿]|[A-Z]{3})"
_NUMBER = re.compile(rf"{_CURRENCY}?\s*[-+−]?\s*\d[\d.,\s'’\u066b\u066c]*{_CURRENCY}?")


def article_page(article: Article) -> str:
    """The whole page."""
    outside = [each.address for each in article.all_pictures if not each.is_inside]
    return page(
        "article",
        article.language,
        pictures_from=outside,
        article=article,
        minutes=_minutes(article),
        initials=_initials(article.author.name),
        numbers=[each for each in article.figures if charts.form_of(each) is Form.NUMBER],
        figures=[each for each in article.figures if charts.form_of(each) is not Form.NUMBER],
        charts=charts,
        safe_address=safe_address,
        host_of=host_of,
        can_load=lambda address: safe_address(address) and origin_of(address),
        number_columns=[
            [
                at > 0 and _is_numbers([row[at] for row in table.rows])
                for at in range(len(table.columns))
            ]
            for table in article.tables
        ],
    )


def _minutes(article: Article) -> int:
    text = " ".join(_running_text(article))
    unspaced = len(_UNSPACED.findall(text))
    words = len(_UNSPACED.sub(" ", text).split())
    return max(1, math.ceil(words / _WORDS_A_MINUTE + unspaced / _LETTERS_A_MINUTE))


def _running_text(article: Article) -> Iterator[str]:
    yield article.summary
    for section in article.sections:
        yield from (section.text, *section.points)
    yield from (event.what for event in article.timeline)
    yield from (quote.text for quote in article.quotes)


def _initials(name: str) -> str:
    """The first letters of the first and the last name."""
    letters = [each for each in (_first_letter(word) for word in name.split()) if each]
    return "".join(dict.fromkeys((*letters[:1], *letters[1:][-1:]))).upper()


def _first_letter(word: str) -> str:
    return next((each for each in word if unicodedata.category(each).startswith("L")), "")


def _is_numbers(cells: list[str]) -> bool:
    """Whether a column is read from its right edge."""
    return bool(cells) and all(_NUMBER.fullmatch(each.strip()) for each in cells if each.strip())
