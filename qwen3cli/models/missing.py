"""Model files that were here and are not any more: what to say of them, and the command that brings them back."""

import os
from collections.abc import Mapping
from pathlib import Path

from qwen3cli.base.errors import ModelNotFound
from qwen3cli.models.cache import cache_folder, inside_repository, repository_folder
from qwen3cli.models.catalogue import Catalogue
from qwen3cli.models.split import SPLIT_NAME


def missing_file(path: Path, catalogue: Catalogue, variables: Mapping[str, str]) -> ModelNotFound:
    """A file that was named by its path, and is not there."""
    is_link = os.path.islink(path)  # noqa: PTH114 - takes every name, too long ones and all
    target = path.parent / path.readlink() if is_link else path
    said = f"{path} leads to {target}, which is gone" if is_link else f"no such file: {path}"
    inside = inside_repository(path) or inside_repository(target)
    if inside is None:
        is_part = SPLIT_NAME.search(path.name)
        listed = "qwen3 models lists the models on this disk"
        return ModelNotFound(
            said, "a split model needs all its parts in one folder" if is_part else listed
        )
    repository, place = inside
    moved = repository_folder(cache_folder(variables), repository) / place
    if moved.exists():
        return ModelNotFound(said, f"the cache is elsewhere now: --size {moved}")
    return ModelNotFound(said, f"qwen3 pull {_name(repository, place, catalogue)}")


def _name(repository: str, place: Path, catalogue: Catalogue) -> str:
    """What to pull for a file of the cache, which is below `snapshots` and the name of a commit."""
    path = "/".join(place.parts[2:])
    return catalogue.name_of(repository, path) or f"hf:{repository}/{path}"
