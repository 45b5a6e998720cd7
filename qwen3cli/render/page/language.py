"""Which language a text is in, as far as its letters tell, and in which direction it is written.

A model names the language; its letters can say that this is wrong.
"""

import re
import unicodedata
from collections import Counter

UNKNOWN = "und"  # BCP 47: undetermined
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# By the first word of a letter's Unicode name: languages in that script, the commonest first.
_BY_SCRIPT = {
    "ARABIC": ("ar", "fa", "ur", "ps", "ckb", "sd", "ug"),
    "HEBREW": ("he", "yi"),
    "CJK": ("zh", "ja", "yue"),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "HANGUL": ("ko",),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"),
    "BENGALI": ("bn", "as"),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "THAI": ("th",),
    "GREEK": ("el",),
    "CYRILLIC": ("ru", "uk", "bg", "sr", "be", "kk", "mk", "mn"),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "ETHIOPIC": ("am", "ti"),
    "THAANA": ("dv",),
}
_RIGHT_TO_LEFT = frozenset((*_BY_SCRIPT["ARABIC"], *_BY_SCRIPT["HEBREW"], "dv"))
# Japanese is written with many Chinese characters; this share of kana says that it is Japanese.
_KANA_SHARE = 0.1
_LOOK_AT_CHARACTERS = 4000


def language_of(text: str, told: str) -> str:
    """A language tag for a text: the one that was told, if it is one and is written in such letters."""
    tag = told.strip()
    named = tag if _TAG.fullmatch(tag) else ""
    script = _script(text)
    if script not in _BY_SCRIPT:  # Latin letters: they tell too little
        return UNKNOWN if _primary(named) in _OTHER_LETTERS else named or UNKNOWN
    possible = _BY_SCRIPT[script]
    return named if _primary(named) in possible else possible[0]


_OTHER_LETTERS = frozenset(each for group in _BY_SCRIPT.values() for each in group) | {""}


def direction_of(language: str) -> str:
    """`rtl` or `ltr`, as HTML has it."""
    return "rtl" if _primary(language) in _RIGHT_TO_LEFT else "ltr"


def _primary(language: str) -> str:
    return language.partition("-")[0]


def _script(text: str) -> str:
    letters = [each for each in text[:_LOOK_AT_CHARACTERS] if each.isalpha()]
    scripts = Counter(unicodedata.name(each, "").partition(" ")[0] for each in letters)
    if not scripts:
        return ""
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    return "HIRAGANA" if kana > _KANA_SHARE * len(letters) else scripts.most_common(1)[0][0]
