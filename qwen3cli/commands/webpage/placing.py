"""Where on the page a picture of the document belongs: at the section whose words stand around it in the document.

What stands around no section's words is left for the end of the page. Knows words, and no pictures.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from qwen3cli.render.page.values import Article, Picture

_OF_WORDS = "LMN"  # letters, their marks (Hindi's vowels are some), numbers
_LEAST_LETTERS = 3  # shorter words stand everywhere
# A script that has no spaces: two neighbouring signs count as a word.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+")
_LEAST_SHARED = 2  # words, of those that not every section has

Found = tuple[Picture, str]  # with the text around it


def placed(article: Article, found: Sequence[Found]) -> Article:
    """The article with each picture at its section, and the others at its end."""
    terms = [
        _terms(f"{each.heading} {each.text} {' '.join(each.points)}") for each in article.sections
    ]
    common = Counter(term for each in terms for term in each)
    pictures: list[list[Picture]] = [[] for _ in terms]
    left: list[Picture] = []
    for picture, around in found:
        at = _best(_terms(f"{around} {picture.text}"), terms, common)
        (left if at is None else pictures[at]).append(picture)
    sections = [
        replace(section, pictures=tuple(own))
        for section, own in zip(article.sections, pictures, strict=True)
    ]
    return replace(article, sections=tuple(sections), pictures=tuple(left))


def _best(around: set[str], sections: Sequence[set[str]], common: Counter[str]) -> int | None:
    """The section that shares the most with what stands around: a word counts the more, the fewer sections have it, and long
    sections have no advantage."""
    best, most = None, 0.0
    for at, terms in enumerate(sections):
        telling = [
            each for each in around & terms if common[each] < len(sections) or len(sections) == 1
        ]
        score = sum(1 / common[each] for each in telling) / math.sqrt(len(terms) or 1)
        if len(telling) >= _LEAST_SHARED and score > most:
            best, most = at, score
    return best


def _terms(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    pairs = {run[at : at + 2] for run in _UNSPACED.findall(plain) for at in range(len(run) - 1)}
    spaced = (
        each if unicodedata.category(each)[0] in _OF_WORDS else " "
        for each in _UNSPACED.sub(" ", plain)
    )
    words = "".join(spaced).split()
    return pairs | {each for each in words if len(each) >= _LEAST_LETTERS or each.isdigit()}
