"""The cache of the hub's client, which other tools share: where it is, and what lies where in it.

    models--OWNER--NAME/blobs/<digest>                 the bytes of a file, once
    models--OWNER--NAME/snapshots/<commit>/<path>      a link to them, under the file's own name
    models--OWNER--NAME/refs/<branch>                  the commit that a branch stood for

Knows no catalogue and no network.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from qwen3cli.base.paths import home

_REPOSITORY_PREFIX = "models--"
_COMMIT_LENGTH = 40


def cache_folder(variables: Mapping[str, str]) -> Path:
    """Where the client would look: its variables in its order, `~` and variables in them expanded as it does."""
    named = variables.get("HF_HUB_CACHE") or variables.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return _expanded(named)
    caches = variables.get("XDG_CACHE_HOME") or str(home(variables) / ".cache")
    return _expanded(variables.get("HF_HOME") or str(Path(caches) / "huggingface")) / "hub"


def repository_folder(cache: Path, repository: str) -> Path:
    """Where a repository is kept."""
    return cache / f"{_REPOSITORY_PREFIX}{repository.replace('/', '--')}"


def blobs_folder(cache: Path, repository: str) -> Path:
    """Where the bytes of a repository's files are kept, each under its digest."""
    return repository_folder(cache, repository) / "blobs"


def pointer_path(cache: Path, repository: str, revision: str, path: str) -> Path:
    """Where a file of a revision is shown under its own name."""
    return repository_folder(cache, repository) / "snapshots" / revision / path


def snapshots(cache: Path, repository: str, revision: str) -> Iterator[Path]:
    """The revisions of a repository that are here, that one first, as folders. A branch is the commit it stood for."""
    folder = repository_folder(cache, repository)
    first = folder / "snapshots" / commit_of(cache, repository, revision)
    if first.is_dir():
        yield first
    yield from (each for each in sorted((folder / "snapshots").glob("*")) if each != first)


def commit_of(cache: Path, repository: str, revision: str) -> str:
    """The commit that a branch stood for when a tool last asked; a commit is itself."""
    try:
        said = (repository_folder(cache, repository) / "refs" / revision).read_text("ascii")
    except (OSError, ValueError):
        return revision
    return said.strip() if len(said.strip()) == _COMMIT_LENGTH else revision


def inside_repository(path: Path) -> tuple[str, Path] | None:
    """A path of some cache as the repository and the path inside its folder; None where it is in no cache."""
    for folder in path.parents:
        owner, _, name = folder.name.removeprefix(_REPOSITORY_PREFIX).partition("--")
        if folder.name.startswith(_REPOSITORY_PREFIX) and name:
            return f"{owner}/{name}", path.relative_to(folder)
    return None


def _expanded(named: str) -> Path:
    # pathlib refuses the home of a user that does not exist; the client takes it as it is written.
    return Path(os.path.abspath(os.path.expandvars(os.path.expanduser(named))))  # noqa: PTH100, PTH111
