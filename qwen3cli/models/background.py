"""Work in threads that whoever waits for it can leave at any moment: after Ctrl-C nobody waits for a silent line."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

# How often the caller looks around while it waits. On Windows only then is Ctrl-C heard.
LOOK_SECONDS = 0.1

_Done = TypeVar("_Done")


def run_concurrently(
    tasks: Sequence[Callable[[], _Done]], look: Callable[[], None], *, at_once: int
) -> list[_Done]:
    """What the tasks return, in their order, done by so many threads. Meanwhile `look` is called again and again.

    The first problem of a task, or of `look`, is raised at once, and tasks that have not begun never do. Those that have
    go on until they notice: their threads end with the process.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[int, _Done] | BaseException] = queue.SimpleQueue()
    for number in range(len(tasks)):
        waiting.put(number)
    left = threading.Event()

    def work() -> None:
        while not left.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                ended.put((number, tasks[number]()))
            except BaseException as problem:  # noqa: BLE001 - handed to the caller's thread
                ended.put(problem)
                return

    for _ in range(min(at_once, len(tasks))):
        threading.Thread(target=work, daemon=True).start()
    done: dict[int, _Done] = {}
    try:
        while len(done) < len(tasks):
            try:
                end = ended.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                look()
                continue
            if isinstance(end, BaseException):
                raise end
            done[end[0]] = end[1]
    finally:
        left.set()
    return [done[number] for number in range(len(tasks))]
