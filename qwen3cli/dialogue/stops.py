"""Texts at which an answer ends. What could be the beginning of one is held back until that is told."""

from collections.abc import Sequence


class StopTexts:
    """Watches one answer. `found` is true once one of the texts stood in it; nothing is shown from there on."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(filter(None, texts))
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """Take more of the answer; what of it can be shown."""
        if not self._texts or self.found:
            return "" if self.found else text
        self._held += text
        hits = [at for each in self._texts if (at := self._held.find(each)) >= 0]
        self.found = bool(hits)
        end = min(hits) if hits else len(self._held) - self._possible()
        shown, self._held = self._held[:end], "" if hits else self._held[end:]
        return shown

    def rest(self) -> str:
        """What was held back; call once, when the answer has ended."""
        held, self._held = self._held, ""
        return held

    def _possible(self) -> int:
        """How many characters at the end could be the beginning of a text."""
        longest = min(len(self._held), max(map(len, self._texts)) - 1)
        return next(
            (
                count
                for count in range(longest, 0, -1)
                if any(each.startswith(self._held[-count:]) for each in self._texts)
            ),
            0,
        )
