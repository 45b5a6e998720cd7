"""How fast the last download was, kept so that the next one's time can be told before it begins."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from qwen3cli.base.paths import state_folder
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.models.sources import FileProgress, Stage

# Less than this says more about the first second than about the line.
_LEAST_BYTES = 4 * 2**20


class SpeedMeter:
    """Follows the progress of a download, whichever files it has."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._began = self._ended = 0.0

    def follow(self, at: FileProgress) -> None:
        """One file got further."""
        if at.stage is Stage.FETCHING:
            self._ended = time.monotonic()
            self._began = self._began or self._ended
            self._first.setdefault(at.path, at.done_bytes)
            self._last[at.path] = at.done_bytes

    def keep(self, variables: Mapping[str, str]) -> None:
        """Keep the speed, if enough came to tell it. It is of no use to an error, so there is none."""
        came = sum(done - self._first[path] for path, done in self._last.items())
        seconds = self._ended - self._began
        if came < _LEAST_BYTES or seconds <= 0:
            return
        try:
            place = _place(variables)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.write_text(json.dumps({"bytes_per_second": came / seconds}), encoding="utf-8")
        except OSError:
            pass


def last_speed(variables: Mapping[str, str]) -> float | None:
    """The bytes a second of the last download, if there was one."""
    try:
        speed = float(json.loads(_place(variables).read_text("utf-8"))["bytes_per_second"])
    except (OSError, *OTHER_FORM):
        return None
    return speed if speed > 0 else None


def _place(variables: Mapping[str, str]) -> Path:
    return state_folder(variables) / "download-speed.json"
