"""Models in several files: which ones belong together, by llama.cpp's names for them.

Knows names and links only; opens no file.
"""

import re
from pathlib import Path

SPLIT_NAME = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")


def first_part(path: Path) -> Path:
    """The file to load where a file was named: the first part of a split model, whichever was. In the hub's cache a
    part's name is that of a link; so links are followed no further than to a part's name."""
    named = path
    while named.is_symlink() and not SPLIT_NAME.search(named.name):
        named = named.parent / named.readlink()
    return parts_of((named if SPLIT_NAME.search(named.name) else path).absolute())[0]


def parts_of(path: Path) -> list[Path]:
    """Every file of a split model, if `path` is one of them; else the file alone. llama.cpp's naming rule."""
    match = SPLIT_NAME.search(path.name)
    if match is None:
        return [path]
    stem, count = path.name[: match.start()], int(match.group(2))
    return [
        path.with_name(f"{stem}-{number:05d}-of-{count:05d}.gguf") for number in range(1, count + 1)
    ]
