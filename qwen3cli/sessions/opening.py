"""The store, opened: what is damaged is set aside, and what killed processes left behind is taken up."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from qwen3cli.sessions.database import set_aside
from qwen3cli.sessions.journal import left_behind
from qwen3cli.sessions.problems import DamagedStore, StoreProblem
from qwen3cli.sessions.store import Store


def open_store(folder: Path, tell: Callable[[str], None]) -> Store:
    """The store in this folder. `tell` gets what the user should know of it.

    Raises:
        StoreProblem: it cannot be had.
    """
    store = _open(folder, tell)
    try:
        _take_up(store, folder)
    except DamagedStore:
        store.close()
        store = renewed(folder, tell)
    return store


def renewed(folder: Path, tell: Callable[[str], None]) -> Store:
    """A store in place of a damaged one.

    Raises:
        StoreProblem: it cannot be had.
    """
    try:
        tell(set_aside(folder))
    except OSError as problem:
        raise StoreProblem(
            f"the database of conversations is damaged, and cannot be moved: {problem.strerror}"
        ) from None
    return Store.open(folder)


def _open(folder: Path, tell: Callable[[str], None]) -> Store:
    try:
        return Store.open(folder)
    except DamagedStore:
        return renewed(folder, tell)


def _take_up(store: Store, folder: Path) -> None:
    """Put the turns that killed processes left behind into the store. What cannot be put there stays where it is."""
    for journal in left_behind(folder):
        with closing(journal), suppress(OSError):
            try:
                for entry in journal.read():
                    store.add_turn(entry.head, entry.turn)
            except DamagedStore:
                raise
            except StoreProblem:
                continue
            journal.clear()
