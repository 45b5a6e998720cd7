"""Exact arithmetic on a text: a parser of its own, with a bound on length and depth. What is computed is in `number.py`.

    sum      product (("+" | "-") product)*
    product  signed (("*" | "/" | "//" | "%" | "of") signed)*
    signed   ("+" | "-")* power
    power    postfix ("^" signed)?
    postfix  operand ("!" | "%" | superscript)*
    operand  number | "(" sum ")" | "|" sum "|" | function "(" sum ("," sum)* ")" | "√" operand

`%` is a remainder where an operand follows, and a hundredth elsewhere.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from qwen3cli.tools.built_in.number import (
    FUNCTIONS,
    PRODUCTS,
    CannotCompute,
    Number,
    bounded,
    factorial,
    power,
    root,
)

_MOST_CHARACTERS = 1000
_MOST_NESTED = 50
_MOST_EXPONENT_DIGITS = 4  # of `1e9999`

_SUPERSCRIPTS = {
    ord(raised): plain for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)
}
_ALIKE = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", ":": "/"}
)
_SIGNS = r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|(?P<name>[^\W\d_]+)|(?P<sign>\*\*|//|[-+*/^%!(),|√]))"
_DIGITS, _GROUPED = r"\d[\d_]*", r"\d{1,3}(?:,\d{3})+(?!\d)"
_REST = r"(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+"
_TOKEN = re.compile(rf"\s*(?:(?P<number>(?:{_DIGITS}){_REST}){_SIGNS}")
# Where no function is called, a comma can only part thousands.
_TOKEN_WITH_GROUPS = re.compile(rf"\s*(?:(?P<number>(?:{_GROUPED}|{_DIGITS}){_REST}){_SIGNS}")


def evaluate(text: str) -> Number:
    """What an expression comes to.

    Raises:
        CannotCompute: it is none, or too large.
    """
    if len(text) > _MOST_CHARACTERS:
        raise CannotCompute(f"longer than {_MOST_CHARACTERS:,} characters")
    parser = _Parser(_tokens(text.strip().rstrip("=?. ").translate(_ALIKE)))
    number = parser.sum()
    parser.expect_end()
    return number


def _tokens(text: str) -> list[tuple[str, str]]:
    calls = any(f"{name}(" in text for name in FUNCTIONS)
    token = _TOKEN if calls else _TOKEN_WITH_GROUPS
    found, at = [], 0
    while at < len(text):
        match = token.match(text, at)
        if match is None or match.lastgroup is None:
            raise CannotCompute(f"cannot read {text[at:].strip()[:20]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    """Reads tokens from left to right, and computes as it goes."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def sum(self) -> Number:
        """A whole expression, as far as it goes."""
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise CannotCompute("nested too deep")
        total = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            value = total.value + other.value if sign == "+" else total.value - other.value
            total = bounded(value, total, other)
        self._depth -= 1
        return total

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self._at < len(self._tokens):
            raise CannotCompute(f"an operator is missing before {self._tokens[self._at][1]!r}")

    def _product(self) -> Number:
        result = self._signed()
        while sign := self._take("*", "/", "//", "%", "of", "mod"):
            result = PRODUCTS[sign](result, self._signed())
        return result

    def _signed(self) -> Number:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        number = self._power()
        return Number(-number.value, number.exact) if negative else number

    def _power(self) -> Number:
        base = self._postfix()
        return power(base, self._nested(self._signed)) if self._take("^", "**") else base

    def _postfix(self) -> Number:
        number = self._operand()
        while True:
            if self._take("!"):
                number = factorial(number)
            elif raised := self._take_kind("raised"):
                exponent = raised.translate(_SUPERSCRIPTS)
                if not re.fullmatch(r"-?\d+", exponent):
                    raise CannotCompute(f"{raised!r} is no exponent")
                number = power(number, Number(Fraction(int(exponent))))
            elif self._peek() == "%" and not self._operand_follows():
                self._at += 1
                number = Number(number.value / 100, number.exact)
            else:
                return number

    def _operand(self) -> Number:
        if number := self._take_kind("number"):
            return Number(_number(number))
        if name := self._take_kind("name"):
            return self._called(name.lower())
        if self._take("√"):
            return root(self._nested(self._operand), 2)
        if self._take("("):
            return self._closed(")")
        if self._take("|"):
            inner = self._closed("|")
            return Number(abs(inner.value), inner.exact)
        where = repr(self._peek()) if self._peek() else "the end"
        raise CannotCompute(f"a number is missing before {where}")

    def _closed(self, end: str) -> Number:
        inner = self.sum()
        if not self._take(end):
            raise CannotCompute(f"{end!r} is missing")
        return inner

    def _called(self, name: str) -> Number:
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise CannotCompute(f"{name!r} is not known; the functions are {known}")
        if not self._take("("):
            raise CannotCompute(f"'(' is missing behind {name}")
        arguments = [self.sum()]
        while self._take(","):
            arguments.append(self.sum())
        if not self._take(")"):
            raise CannotCompute("')' is missing")
        return FUNCTIONS[name](arguments)

    def _nested(self, read: Callable[[], Number]) -> Number:
        """What may lead back to itself without a bracket: `2^2^2`, `√√2`."""
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise CannotCompute("nested too deep")
        number = read()
        self._depth -= 1
        return number

    def _operand_follows(self) -> bool:
        following = self._tokens[self._at + 1 : self._at + 2]
        kind, text = following[0] if following else ("", "")
        return kind == "number" or text in ("(", "√") or text.lower() in FUNCTIONS

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        if self._peek() not in wanted:
            return ""
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _take_kind(self, kind: str) -> str:
        if self._at == len(self._tokens) or self._tokens[self._at][0] != kind:
            return ""
        if kind == "name" and self._peek().lower() in PRODUCTS:
            return ""
        self._at += 1
        return self._tokens[self._at - 1][1]


def _number(text: str) -> Fraction:
    exponent = re.search(r"[eE][+-]?(\d+)$", text)
    if exponent and len(exponent[1].lstrip("0")) >= _MOST_EXPONENT_DIGITS:
        raise CannotCompute(f"{text} is too large")
    return Fraction(text.replace(",", "").replace("_", ""))
