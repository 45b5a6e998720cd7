"""Exact arithmetic on a text: a parser of its own, fractions, and a bound on everything that could grow.

    sum      product (("+" | "-") product)*
    product  signed (("*" | "/" | "//" | "%" | "of") signed)*
    signed   ("+" | "-")* power
    power    postfix ("^" signed)?
    postfix  operand ("!" | "%" | superscript)*
    operand  number | "(" sum ")" | "|" sum "|" | function "(" sum ("," sum)* ")" | "√" operand

`%` is a remainder where an operand follows, and a hundredth elsewhere. A root that is no fraction is taken to 40 digits,
and what it goes into counts as rounded.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARACTERS = 1000
_MOST_NESTED = 50
# Of a numerator or denominator: some 3,000 digits, and below the 4,300 from where Python refuses to write a number.
_MOST_BITS = 10_000
_MOST_FACTORIAL = 1000  # 8,530 bits
_MOST_EXPONENT_DIGITS = 4  # of `1e9999`
_ROOT_DIGITS = 40
_SHOWN_DIGITS = 20

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


class CannotCompute(Exception):
    """What is wrong with an expression, in one line."""


@dataclass(frozen=True, slots=True)
class Number:
    """A value, and whether it is exact."""

    value: Fraction
    exact: bool = True

    def __str__(self) -> str:
        """The whole value where it is one; else a fraction and its decimals, which say whether they are all."""
        decimals, all_of_them = _decimals(self.value)
        if not self.exact:
            return f"about {decimals}"
        if self.value.denominator == 1:
            return str(self.value)
        return decimals if all_of_them else f"{self.value}, about {decimals}"


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
    calls = any(f"{name}(" in text for name in _FUNCTIONS)
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
            total = _bounded(value, total, other)
        self._depth -= 1
        return total

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self._at < len(self._tokens):
            raise CannotCompute(f"an operator is missing before {self._tokens[self._at][1]!r}")

    def _product(self) -> Number:
        result = self._signed()
        while sign := self._take("*", "/", "//", "%", "of", "mod"):
            result = _PRODUCTS[sign](result, self._signed())
        return result

    def _signed(self) -> Number:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        number = self._power()
        return Number(-number.value, number.exact) if negative else number

    def _power(self) -> Number:
        base = self._postfix()
        return _power(base, self._nested(self._signed)) if self._take("^", "**") else base

    def _postfix(self) -> Number:
        number = self._operand()
        while True:
            if self._take("!"):
                number = _factorial(number)
            elif raised := self._take_kind("raised"):
                exponent = raised.translate(_SUPERSCRIPTS)
                if not re.fullmatch(r"-?\d+", exponent):
                    raise CannotCompute(f"{raised!r} is no exponent")
                number = _power(number, Number(Fraction(int(exponent))))
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
            return _root(self._nested(self._operand), 2)
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
        if name not in _FUNCTIONS:
            known = ", ".join(_FUNCTIONS)
            raise CannotCompute(f"{name!r} is not known; the functions are {known}")
        if not self._take("("):
            raise CannotCompute(f"'(' is missing behind {name}")
        arguments = [self.sum()]
        while self._take(","):
            arguments.append(self.sum())
        if not self._take(")"):
            raise CannotCompute("')' is missing")
        return _FUNCTIONS[name](arguments)

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
        return kind == "number" or text in ("(", "√") or text.lower() in _FUNCTIONS

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
        if kind == "name" and self._peek().lower() in _PRODUCTS:
            return ""
        self._at += 1
        return self._tokens[self._at - 1][1]


def _number(text: str) -> Fraction:
    exponent = re.search(r"[eE][+-]?(\d+)$", text)
    if exponent and len(exponent[1].lstrip("0")) >= _MOST_EXPONENT_DIGITS:
        raise CannotCompute(f"{text} is too large")
    return Fraction(text.replace(",", "").replace("_", ""))


def _bounded(value: Fraction, *of: Number) -> Number:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise CannotCompute("the result is too large")
    return Number(value, all(each.exact for each in of))


def _divided(a: Number, b: Number) -> Number:
    return _bounded(a.value / _not_zero(b), a, b)


def _not_zero(number: Number) -> Fraction:
    if number.value == 0:
        raise CannotCompute("division by zero")
    return number.value


def _power(base: Number, exponent: Number) -> Number:
    if not exponent.exact:
        raise CannotCompute("the exponent is no fraction")
    whole, root = exponent.value.numerator, exponent.value.denominator
    if root > 1:
        base = _root(base, root)
    if whole < 0:
        base, whole = Number(1 / _not_zero(base), base.exact), -whole
    bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    if base.value not in (-1, 0, 1) and (bits - 1) * whole > _MOST_BITS:
        raise CannotCompute("the result is too large")
    if base.value in (-1, 0, 1):
        whole = whole if whole < 2 else 2 - whole % 2
    return _bounded(base.value**whole, base)


def _root(of: Number, degree: int) -> Number:
    """The root; exact if it is a fraction."""
    if degree > _MOST_BITS:
        raise CannotCompute("that root is too high")
    if of.value < 0:
        if degree % 2 == 0:
            raise CannotCompute("a root of a negative number")
        positive = _root(Number(-of.value, of.exact), degree)
        return Number(-positive.value, positive.exact)
    above, below = (_whole_root(each, degree) for each in of.value.as_integer_ratio())
    if Fraction(above**degree, below**degree) == of.value:
        return Number(Fraction(above, below), of.exact)
    digits = 10**_ROOT_DIGITS
    if degree * digits.bit_length() > _MOST_BITS:
        raise CannotCompute("that root is too high")
    scaled = of.value * digits**degree
    return Number(Fraction(_whole_root(int(scaled), degree), digits), exact=False)


def _whole_root(of: int, degree: int) -> int:
    """The largest whole number whose power does not exceed `of`, by Newton's steps from above."""
    if of < 2 or degree == 1:
        return of
    root = 1 << -(-of.bit_length() // degree)
    while True:
        closer = ((degree - 1) * root + of // root ** (degree - 1)) // degree
        if closer >= root:
            return root
        root = closer


def _factorial(number: Number) -> Number:
    value = number.value
    if value.denominator != 1 or not 0 <= value <= _MOST_FACTORIAL:
        raise CannotCompute(f"a factorial is of a whole number from 0 to {_MOST_FACTORIAL:,}")
    return Number(Fraction(math.factorial(int(value))))


def _one(function: Callable[[Number], Number]) -> Callable[[Sequence[Number]], Number]:
    def checked(arguments: Sequence[Number]) -> Number:
        if len(arguments) != 1:
            raise CannotCompute("this function takes one number")
        return function(arguments[0])

    return checked


def _rounded(arguments: Sequence[Number]) -> Number:
    """To whole numbers or to so many decimals; halves away from zero, as people learn it."""
    places = arguments[1].value if len(arguments) == 2 else Fraction(0)
    if len(arguments) > 2 or places.denominator != 1 or not 0 <= places <= _ROOT_DIGITS:
        raise CannotCompute(f"round takes a number and at most {_ROOT_DIGITS} decimals")
    scale = 10 ** int(places)
    value = arguments[0].value * scale
    away = math.floor(abs(value) + Fraction(1, 2))
    return Number(Fraction(away if value >= 0 else -away, scale))


def _of_whole(function: Callable[..., int]) -> Callable[[Sequence[Number]], Number]:
    def computed(arguments: Sequence[Number]) -> Number:
        if any(each.value.denominator != 1 for each in arguments):
            raise CannotCompute("this function takes whole numbers")
        whole = function(*(int(each.value) for each in arguments))
        return _bounded(Fraction(whole), *arguments)

    return computed


_PRODUCTS: Mapping[str, Callable[[Number, Number], Number]] = {
    "*": lambda a, b: _bounded(a.value * b.value, a, b),
    "of": lambda a, b: _bounded(a.value * b.value, a, b),
    "/": _divided,
    "//": lambda a, b: _bounded(Fraction(a.value // _not_zero(b)), a, b),
    "%": lambda a, b: _bounded(a.value % _not_zero(b), a, b),
    "mod": lambda a, b: _bounded(a.value % _not_zero(b), a, b),
}
_FUNCTIONS: Mapping[str, Callable[[Sequence[Number]], Number]] = {
    "sqrt": _one(lambda number: _root(number, 2)),
    "cbrt": _one(lambda number: _root(number, 3)),
    "abs": _one(lambda number: Number(abs(number.value), number.exact)),
    "floor": _one(lambda number: Number(Fraction(math.floor(number.value)))),
    "ceil": _one(lambda number: Number(Fraction(math.ceil(number.value)))),
    "round": _rounded,
    "factorial": _one(_factorial),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "min": lambda numbers: min(numbers, key=lambda each: each.value),
    "max": lambda numbers: max(numbers, key=lambda each: each.value),
}


def _decimals(value: Fraction) -> tuple[str, bool]:
    """The value in decimals, at most so many digits, and whether these are all."""
    twos_and_fives = value.denominator
    for prime in (2, 5):
        while twos_and_fives % prime == 0:
            twos_and_fives //= prime
    sign, size = "-" if value < 0 else "", abs(value)
    places = (
        max(1, _SHOWN_DIGITS - len(str(int(size))))
        if size >= 1
        else _first_digit(size) + _SHOWN_DIGITS - 1
    )
    scaled = size * 10**places
    digits = str(math.floor(scaled + Fraction(1, 2))).rjust(places + 1, "0")
    whole, rest = digits[:-places], digits[-places:].rstrip("0")
    return f"{sign}{whole}.{rest}".rstrip("."), twos_and_fives == 1 and scaled.denominator == 1


def _first_digit(size: Fraction) -> int:
    """At which decimal a number below one begins."""
    if size == 0:
        return 1
    return max(1, len(str(size.denominator)) - len(str(size.numerator)))
