"""Getting a whole model: which files, in which order, several at once where that helps, and stopping in between.

Says what happens through a callback; prints nothing.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.errors import DownloadFailed, Interrupted
from qwen3cli.models.blobs import Progress
from qwen3cli.models.catalogue import Part, Quantization
from qwen3cli.models.hub import Hub
from qwen3cli.models.store import Store

# Parts of a split model fetched at once: one connection rarely fills a line, more than this only share it.
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a download would do."""

    parts: tuple[Part, ...]
    missing: tuple[Part, ...]

    @property
    def missing_bytes(self) -> int | None:
        """How much would be fetched; None if a size is not known."""
        sizes = [part.bytes for part in self.missing]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def plan(quantization: Quantization, store: Store, hub: Hub) -> Plan:
    """Which files are missing. Asks the hub only for split models that the catalogue does not list.

    Raises:
        DownloadFailed: the hub cannot be asked.
    """
    parts = hub.parts(quantization)
    missing = tuple(part for part in parts if store.record(quantization, part) is None)
    return Plan(parts, missing)


def fetch(quantization: Quantization, store: Store, hub: Hub, progress: Progress) -> Path:
    """Have every file of a model on this disk, whole. Returns the one to load.

    Raises:
        DownloadFailed, DigestMismatch: see `Hub.fetch`. Parts that are finished stay.
        Interrupted: Ctrl-C; what came is kept.
    """
    missing = plan(quantization, store, hub).missing
    hub.check_room(quantization, missing)
    tasks = [_task(hub, quantization, part, progress) for part in missing]
    try:
        if len(tasks) == 1:
            tasks[0]()
        else:
            _several_at_once(tasks)
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


def _task(
    hub: Hub, quantization: Quantization, part: Part, progress: Progress
) -> Callable[[], None]:
    return lambda: hub.fetch(quantization, part, progress)


def _several_at_once(tasks: Sequence[Callable[[], None]]) -> None:
    """Run tasks in a few threads. They are daemons: after Ctrl-C the process need not wait for a stalled line."""
    waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)

    def work() -> None:
        while True:
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                task()
            except BaseException as problem:  # noqa: BLE001 - handed to the caller's thread
                ended.put(problem)
                return
            ended.put(None)

    for _ in range(min(_AT_ONCE, len(tasks))):
        threading.Thread(target=work, daemon=True).start()
    for _ in tasks:
        problem = ended.get()
        if problem is not None:
            raise problem
