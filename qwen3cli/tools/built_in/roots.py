"""Folders that a tool may look into, and nothing outside them.

A path is followed part by part from its root, each part opened relative to the folder before it and never through a link.
So neither `..` nor a link leads out, also where somebody swaps a folder for a link while we look: what is open is what was
checked. Devices, pipes and sockets are opened without waiting for them, and let go.

Knows paths and descriptors; does not know what is read.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from qwen3cli.tools.built_in.tool import CallFailed

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _NO_LINK
HAS_OPENAT = os.open in os.supports_dir_fd  # not on Windows


@dataclass(frozen=True, slots=True)
class Place:
    """A path under one of the roots, as parts that are names and nothing else."""

    root: Path
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.root.joinpath(*self.parts))


class Roots:
    """The folders that were named; a path that is not absolute begins in the first."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = tuple(each.resolve() for each in folders)

    def place(self, path: str) -> Place:
        """Where a path leads.

        Raises:
            CallFailed: out of the roots, or nowhere.
        """
        given = PurePosixPath(path or ".")
        if "\0" in path:
            raise CallFailed("a path has no NUL in it")
        if ".." in given.parts:
            raise CallFailed(f"{path}: '..' is not followed")
        if not given.is_absolute():
            return Place(self.folders[0], given.parts)
        for root in self.folders:
            if given.is_relative_to(root):
                return Place(root, given.relative_to(root).parts)
        named = ", ".join(map(str, self.folders))
        raise CallFailed(f"{path} is outside the folders that may be read: {named}")

    @contextmanager
    def folder(self, place: Place) -> Iterator[int]:
        """An open folder, as a descriptor.

        Raises:
            CallFailed: it is none, or cannot be reached without a link.
        """
        if not HAS_OPENAT:
            raise CallFailed("this system cannot open files safely from a folder")
        at = _opened(str(place.root), _FOLDER, None, str(place.root))
        try:
            for index, part in enumerate(place.parts):
                shown = "/".join(place.parts[: index + 1])
                below = _opened(part, _FOLDER, at, shown)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)

    @contextmanager
    def file(self, place: Place) -> Iterator[int]:
        """An open regular file, as a descriptor. Raises what `folder` does."""
        if not place.parts:
            raise CallFailed(f"{place} is a folder")
        with self.folder(Place(place.root, place.parts[:-1])) as folder:
            shown = "/".join(place.parts)
            file = _opened(place.parts[-1], _FILE, folder, shown)
            try:
                kind = os.fstat(file).st_mode
                if stat.S_ISDIR(kind):
                    raise CallFailed(f"{shown} is a folder")
                if not stat.S_ISREG(kind):
                    raise CallFailed(f"{shown} is no file")
                yield file
            finally:
                os.close(file)


def _opened(name: str, flags: int, at: int | None, shown: str) -> int:
    try:
        return os.open(name, flags, dir_fd=at)
    except OSError as problem:
        raise CallFailed(f"{shown}: {_reason(name, at, problem)}") from None


def _reason(name: str, at: int | None, problem: OSError) -> str:
    try:
        if stat.S_ISLNK(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            return "it is a link, and links are not followed"
    except OSError:
        pass
    return problem.strerror or "it cannot be opened"
