"""How fast models were seen to write on this machine, by `bench`: what the speeds of others are reckoned from."""

import math
from collections.abc import Mapping

from qwen3cli.machine.by_machine import keep_of_machine, known_of_machine

_FILE_NAME = "speeds.json"
# With less to read for a token a processor's caches decide, and nothing follows for others.
_LEAST_BYTES = 100 * 2**20
# Faster than any memory: a file that says so is wrong.
_MOST_BANDWIDTH = 1e13


def keep_speed(variables: Mapping[str, str], bytes_read: int, tokens_per_second: float) -> None:
    """Remember a model by the bytes of weights that it reads for a token."""
    if bytes_read >= _LEAST_BYTES:
        known = seen_bandwidths(variables) | {bytes_read: bytes_read * tokens_per_second}
        keep_of_machine(variables, _FILE_NAME, known)


def seen_bandwidths(variables: Mapping[str, str]) -> dict[int, float]:
    """Bytes of weights a second that were read, by the bytes that are read for a token."""
    found = known_of_machine(variables, _FILE_NAME)
    return {
        int(size): float(each)
        for size, each in (found.items() if isinstance(found, dict) else ())
        if size.isdecimal()
        and int(size) >= _LEAST_BYTES
        and isinstance(each, int | float)
        and 0 < each < _MOST_BANDWIDTH
    }


def seen_bandwidth(seen: Mapping[int, float], bytes_read: int) -> float | None:
    """What was seen of the model nearest in size; None where none was."""
    nearest = min(seen, key=lambda size: abs(math.log(size / bytes_read)), default=None)
    return None if nearest is None else seen[nearest]
