"""Numbers as people read them. The only place that prints bytes, durations and rates."""

from datetime import datetime

GIB = 2**30
MIB = 2**20


def bytes_text(count: int) -> str:
    """Bytes in binary units with their right names: `4.7 GiB`, `610 MiB`, `12 KiB`, `7 B`."""
    if count >= GIB:
        return f"{count / GIB:.1f} GiB"
    if count >= MIB:
        return f"{count / MIB:.0f} MiB"
    if count >= 1024:
        return f"{count / 1024:.0f} KiB"
    return f"{count} B"


def seconds_text(seconds: float) -> str:
    """A duration: `0.03 s`, `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count_text(count: int) -> str:
    """A count with thin groups: `32,768`."""
    return f"{count:,}"


def rate_text(per_second: float) -> str:
    """A speed in tokens: `7.3 tok/s`, `212 tok/s`, `4,000 tok/s`."""
    return f"{per_second:.1f} tok/s" if per_second < 100 else f"{per_second:,.0f} tok/s"


def time_text(seconds: float) -> str:
    """A moment, given in seconds since 1970, as a clock on the wall shows it: `2026-11-25 14:03`."""
    try:
        return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
    except (
        ValueError,
        OverflowError,
        OSError,
    ):  # no calendar has it: somebody's clock, or a stranger's file
        return f"{seconds:.0f} s"
