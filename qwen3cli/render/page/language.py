"""Which language a text is in, as far as its letters tell, and in which direction it is written.

A model names the language; its letters can say that this is wrong.
"""

import unicodedata
from collections import Counter

UNKNOWN = "und"  # BCP 47: undetermined
# ISO 639-1: the two letters of every language that has some, in a row.
_CODES = (
    "aaabaeafakamanarasavayazbabebgbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfygagdglgngugvhahe"
    "hihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrmsmtmynanbnd"
    "nengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwty"
    "ugukuruzvevivowawoxhyiyozazhzu"
)
_KNOWN = frozenset(_CODES[at : at + 2] for at in range(0, len(_CODES), 2))
# By the first word of a letter's Unicode name: languages in that script, the commonest first.
_BY_SCRIPT = {
    "ARABIC": ("ar", "fa", "ur", "ps", "sd", "ug"),
    "HEBREW": ("he", "yi"),
    "CJK": ("zh", "ja"),
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
    """A language tag for a text: what was told, if it is a language and is written in such letters."""
    named = _primary(told.strip().lower())
    script = _script(text)
    if script not in _BY_SCRIPT:  # Latin letters: they tell too little
        return named if named in _KNOWN - _OTHER_LETTERS else UNKNOWN
    possible = _BY_SCRIPT[script]
    return named if named in possible else possible[0]


_OTHER_LETTERS = frozenset(each for group in _BY_SCRIPT.values() for each in group) - {
    "sr",
    "kk",
    "az",
    "sa",
}


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
