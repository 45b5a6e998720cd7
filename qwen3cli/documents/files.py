"""What `-f` and `@` name: files, folders and patterns, and the pages of them that are wanted.

A folder or a pattern is every file in it that is text or a document; what `.gitignore` leaves out, hidden files and
everything binary are passed over, and it is said how many.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import user_path
from qwen3cli.dialogue.messages import Excerpt
from qwen3cli.documents.text import Reading, read_document
from qwen3cli.documents.web import is_address

_MOST_FILES = 1000
_MAGIC = re.compile(r"[*?\[]")
_PAGES = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d*))?")
_EXCERPT = re.compile(r"(?P<end>head|tail)=(?P<tokens>\d+)")
_HIDDEN = "."


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages from `first` to `last`, counted from 1; `last` None goes to the end."""

    first: int
    last: int | None

    def __contains__(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)


def read_pages(given: str) -> Pages:
    """`3`, `1-20` or `5-`.

    Raises:
        UsageProblem: it is none of these.
    """
    match = _PAGES.fullmatch(given.strip())
    if match is None or int(match["first"]) < 1:
        raise UsageProblem(f"{given} names no pages", "--pages 1-20, 3 or 5-")
    first = int(match["first"])
    last = first if match["last"] is None else int(match["last"] or 0) or None
    if last is not None and last < first:
        raise UsageProblem(f"{given} names no pages", f"--pages {last}-{first}")
    return Pages(first, last)


@dataclass(frozen=True, slots=True)
class Named:
    """What a name with `#1-20`, `#head=4000` or `#tail=4000` behind it stands for."""

    name: str
    pages: Pages | None = None
    excerpt: Excerpt | None = None


def read_name(given: str) -> Named:
    """The name, and what is wanted of it. A `#` in the name of a file that is there is a part of the name.

    Raises:
        UsageProblem: it names no pages, or no tokens.
    """
    named = Named(given)
    while not user_path(named.name).exists():
        name, mark, wanted = named.name.rpartition("#")
        if mark and _PAGES.fullmatch(wanted):
            named = replace(named, name=name, pages=read_pages(wanted))
        elif mark and (match := _EXCERPT.fullmatch(wanted)):
            tokens = int(match["tokens"])
            if tokens < 1:
                raise UsageProblem(f"{wanted} is no part of {name}", f"--{match['end']} 4000")
            named = replace(named, name=name, excerpt=Excerpt(tokens, match["end"] == "tail"))
        else:
            break
    return named


def read_named(
    given: str, pages: Pages | None = None, fetch: Callable[[str], Reading] | None = None
) -> list[Reading]:
    """Everything that one `-f` names: a file or some of it, a folder, a pattern, or an address, which `fetch` reads. An
    excerpt is still to be taken.

    Raises:
        UsageProblem: there is no such file, or it cannot be read; or a folder or pattern has nothing to read.
        DownloadFailed: what is at the address did not come.
    """
    named = read_name(given)
    name, pages = named.name, named.pages or pages
    path = user_path(name)
    if fetch is not None and is_address(name):
        reading = fetch(name)
        readings = [reading if pages is None else _only(reading, pages)]
    elif path.is_dir():
        readings = _every(name, _walk(path, []))
    elif not path.exists() and _MAGIC.search(name):
        readings = _every(name, _matching(path))
    else:
        reading = read_document(path)
        readings = [reading if pages is None else _only(reading, pages)]
    return [each.with_excerpt(named.excerpt) for each in readings]


def paths_of(name: str) -> list[Path]:
    """The files that a name, a folder or a pattern stands for, unread.

    Raises:
        UsageProblem: there are none.
    """
    path = user_path(name)
    if path.is_dir():
        found = sorted(_walk(path, []))
    elif not path.exists() and _MAGIC.search(name):
        found = sorted(_matching(path))
    else:
        return [path]
    if not found:
        raise UsageProblem(f"{name}: nothing to read", "name text files or documents")
    return found


def _only(reading: Reading, pages: Pages) -> Reading:
    """The wanted pages of a document that has pages.

    Raises:
        UsageProblem: it has none, or not those.
    """
    name = reading.document.name
    if not reading.pages:
        raise UsageProblem(f"{name} has no pages", "leave --pages out")
    kept = tuple(page for page in reading.pages if page.number in pages)
    if not kept:
        last = reading.pages[-1].number
        raise UsageProblem(f"{name} has {last:,} pages", f"--pages 1-{last}")
    return reading.of_pages(kept)


def _every(name: str, found: Iterator[Path]) -> list[Reading]:
    """All of them, in order. Of too many the rest is not even looked for: it may be a whole disk."""
    paths = sorted(islice(found, _MOST_FILES + 1))
    if len(paths) > _MOST_FILES:
        raise UsageProblem(f"{name} has more than {_MOST_FILES:,} files", "name a part of them")
    readings, passed_over = [], 0
    for path in paths:
        try:
            readings.append(read_document(path))
        except UsageProblem:
            passed_over += 1
    if not readings:
        raise UsageProblem(f"{name}: nothing to read", "name text files or documents")
    if passed_over:
        first = readings[0]
        remark = f"{name}: {passed_over:,} files that are no text were passed over"
        readings[0] = replace(first, remarks=(*first.remarks, remark))
    return readings


def _matching(pattern: Path) -> Iterator[Path]:
    root = Path(pattern.anchor)
    return (path for path in root.glob(str(pattern.relative_to(root))) if path.is_file())


def _walk(folder: Path, ignored: list[tuple[Path, "_Ignore"]]) -> Iterator[Path]:
    """Every file below, but hidden ones and those that `.gitignore` names."""
    own = folder / ".gitignore"
    if own.is_file():
        ignored = [*ignored, (folder, _Ignore(own))]
    try:
        members = sorted(folder.iterdir())
    except OSError:
        yield folder  # for whoever reads it to say that it cannot be
        return
    for path in members:
        if path.name.startswith(_HIDDEN) or any(
            rules.leaves_out(path, at) for at, rules in ignored
        ):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, ignored)
        elif path.is_file():
            yield path


class _Ignore:
    """The rules of one `.gitignore`."""

    def __init__(self, file: Path) -> None:
        from pathspec import GitIgnoreSpec

        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        self._spec = GitIgnoreSpec.from_lines(lines)

    def leaves_out(self, path: Path, root: Path) -> bool:
        """Whether git would not look at it."""
        name = path.relative_to(root).as_posix()
        return self._spec.match_file(f"{name}/" if path.is_dir() else name)
