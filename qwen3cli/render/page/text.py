"""Text for a page: without what HTML forbids, and what could make it read as something else."""

import re

# Control characters (but tab and new line), halves of characters and code points that are none: HTML, section 13.1.4.
# Overrides of the direction of writing turn what is read around; the other marks of direction stay.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)


def clean(text: str) -> str:
    """The text without all of that."""
    return _FORBIDDEN.sub("", text)
