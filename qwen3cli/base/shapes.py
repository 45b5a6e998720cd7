"""Whether a value that was read is what its types say: JSON may have a string where a number belongs, a stranger's above all.

Knows dataclasses, and the types that JSON has.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

# What it comes to when somebody's data is taken for what it is not, numbers that are none and endless nesting included.
OTHER_FORM = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)

_Value = TypeVar("_Value")


def checked(value: _Value) -> _Value:
    """A dataclass, if each field of it, and of those in it, is what it must be.

    Raises:
        TypeError: one is not; names it.
    """
    own: Any = type(value)
    for name, kind in _kinds(own).items():
        if not _is(getattr(value, name), kind):
            raise TypeError(f"{name} is no {getattr(kind, '__name__', kind)}")
    return value


@cache
def _kinds(kind: Any, /) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _is(value: Any, kind: Any) -> bool:
    outer, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if outer is UnionType:
        return any(_is(value, each) for each in inner)
    if kind is float:
        return isinstance(value, int | float) and math.isfinite(value)
    if not isinstance(value, outer or kind):
        return False
    if outer is tuple:
        return all(_is(each, inner[0]) for each in value)
    if isinstance(value, Mapping):
        return all(_is(each, inner[1]) for each in value.values())
    return not is_dataclass(kind) or checked(value) is value
