"""Bytes as text: UTF-8, what a byte-order mark says, or a guess that is told.

Lines end with a line feed, whatever they ended with.
"""

import codecs
import re
from dataclasses import dataclass

from qwen3cli.base.errors import UsageProblem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # the longer marks first: UTF-32's begins like UTF-16's
_LINE_ENDS = re.compile(r"\r\n?")
# A guess is made from so much; more does not make it better.
_GUESS_FROM_BYTES = 256 * 2**10
_COMMONEST, _WIDE = "cp1252", ("utf_16", "utf_32")
_ABOUT = 0.1  # of the share that looks wrong, and of the share that looks like a language


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the encoding that was guessed; empty if nothing was."""

    text: str
    guessed: str = ""


def decode_text(raw: bytes, name: str) -> Decoded:
    """The text of some bytes.

    Raises:
        UsageProblem: they are no text in any encoding that can be told.
    """
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    try:
        text = raw.decode("utf-8-sig" if marked in (None, "utf-8") else marked or "utf-8")
    except UnicodeDecodeError as problem:
        guessed = None if marked else _guess(raw)
        if guessed is None:
            raise _no_text(name, problem, marked) from None
        text = raw.decode(guessed)
        return Decoded(_checked(text, name), guessed)
    return Decoded(_checked(text, name))


def strict_text(raw: bytes, name: str) -> str:
    """The text of bytes that a person typed or a program piped as UTF-8.

    Raises:
        UsageProblem: they are something else; the hint names what they could be.
    """
    decoded = decode_text(raw, name)
    if decoded.guessed:
        raise UsageProblem(
            f"{name} is not UTF-8 text; it could be {decoded.guessed}",
            f"convert it first: iconv -f {decoded.guessed} -t utf-8",
        )
    return decoded.text


def _checked(text: str, name: str) -> str:
    if "\0" in text:
        raise UsageProblem(f"{name} is not text: it holds a zero byte")
    return _LINE_ENDS.sub("\n", text)


def _guess(raw: bytes) -> str | None:
    """The encoding that fits best and decodes all of it; None where none does.

    Among encodings that fit about as well the one of western Windows wins, by far the commonest. Text of two or four
    bytes a character is not guessed at: nearly any bytes could be that.
    """
    from charset_normalizer import from_bytes

    fitting = [
        each
        for each in from_bytes(raw[:_GUESS_FROM_BYTES])
        if not each.encoding.startswith(_WIDE) and _decodes(raw, each.encoding)
    ]
    if not fitting:
        return None
    best = fitting[0]
    for each in fitting:
        as_clean = each.chaos <= best.chaos + _ABOUT
        as_plausible = each.coherence >= best.coherence - _ABOUT
        if _COMMONEST in each.could_be_from_charset and as_clean and as_plausible:
            return _COMMONEST
    return codecs.lookup(best.encoding).name


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _no_text(name: str, problem: UnicodeDecodeError, marked: str | None) -> UsageProblem:
    where = f"byte {problem.start:,} is 0x{problem.object[problem.start]:02x}"
    if marked:
        return UsageProblem(f"{name} says that it is {marked}, and is not ({where})")
    return UsageProblem(f"{name} is not text in any encoding that can be told ({where})")
