"""Getting a whole model: which files, in which order, several at once where that helps, and stopping in between.

Says what happens through a callback; prints nothing.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qwen3cli.base.errors import DownloadFailed, Interrupted
from qwen3cli.models.background import run_concurrently
from qwen3cli.models.blobs import Progress
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.hub import Hub
from qwen3cli.models.store import Store

# Parts of a split model in work: while one is checked, the next keeps the line busy.
_PARTS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """What a download would do."""

    parts: tuple[Part, ...]
    missing: tuple[Part, ...]

    @property
    def missing_bytes(self) -> int | None:
        """How much would be fetched; None if a size is not known."""
        sizes = [part.bytes for part in self.missing]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def plan(quantization: Quantization, store: Store, hub: Hub, progress: Progress) -> DownloadPlan:
    """Which files are missing. Asks the hub only for split models that the catalogue does not list.

    Raises:
        DownloadFailed: the hub cannot be asked.
    """
    parts = hub.parts(quantization, progress)
    missing = tuple(part for part in parts if store.record(quantization, part) is None)
    return DownloadPlan(parts, missing)


def fetch(quantization: Quantization, store: Store, hub: Hub, progress: Progress) -> Path:
    """Have every file of a model on this disk, whole. Returns the one to load.

    Raises:
        DownloadFailed, DigestMismatch: see `Hub.fetch`. Parts that are finished stay.
        Interrupted: Ctrl-C; what came is kept.
    """
    try:
        missing = plan(quantization, store, hub, progress).missing
        hub.check_room(quantization, missing)
        tasks = [partial(hub.fetch, quantization, part, progress) for part in missing]
        run_concurrently(tasks, lambda: None, at_once=_PARTS_AT_ONCE)
    except KeyboardInterrupt:
        raise Interrupted(
            "the download was stopped; what came is kept", "the same command goes on from there"
        ) from None
    found = store.find(quantization)
    if found is None:
        raise DownloadFailed(
            f"{quantization.pattern} changed while it was fetched", "run the same command again"
        )
    return found
