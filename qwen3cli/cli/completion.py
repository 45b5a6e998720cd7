"""Completion of model names in the shell: from the catalogue's text, with nothing heavy loaded.

bash breaks words at colons, so `8b:q4` reaches us as three words; they are put together before Typer looks at them.
"""

import os
from collections.abc import MutableMapping
from contextlib import closing

from qwen3cli.base.errors import QwenError
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.choice import DEMO_NAME
from qwen3cli.models.names import find_model

# Where the size is kept that stands in front of a colon which bash took for the end of a word.
_BROKEN_OFF = "_QWEN3_COMPLETE_MODEL"


def complete_model(incomplete: str) -> list[str]:
    """Every size, and every quantization once a size and a colon are typed."""
    broken_off = os.environ.get(_BROKEN_OFF)
    if broken_off is not None:
        return [name for name in _quantizations(broken_off) if name.startswith(incomplete)]
    if ":" in incomplete:
        model = incomplete.rpartition(":")[0]
        return [f"{model}:{name}" for name in _quantizations(model)]
    return [*_sizes(), DEMO_NAME]


def complete_session(incomplete: str) -> list[tuple[str, str]]:
    """The conversations whose key begins so, the latest first, with their titles."""
    from qwen3cli.base.paths import sessions_folder
    from qwen3cli.sessions.store import Store

    folder = sessions_folder(os.environ)
    if not folder.is_dir():
        return []
    try:
        with closing(Store.open(folder)) as store:
            heads = [each.head for each in store.listed()]
    except QwenError:
        return []
    return [(each.key, each.title) for each in heads if each.key.startswith(incomplete)]


def join_bash_words(variables: MutableMapping[str, str]) -> None:
    """Undo bash's breaking at colons, in the words it hands over."""
    words = variables.get("COMP_WORDS", "").split("\n")
    current = variables.get("COMP_CWORD", "")
    at = int(current) if current.isdigit() else 0
    last = words[at] if at < len(words) else ""
    if last == ":" and at >= 2:
        kept, model, rest = words[: at - 1], words[at - 1], ""
    elif 3 <= at <= len(words) and words[at - 1] == ":":
        kept, model, rest = words[: at - 2], words[at - 2], last
    else:
        return
    variables["COMP_WORDS"] = "\n".join([*kept, rest])
    variables["COMP_CWORD"] = str(len(kept))
    variables[_BROKEN_OFF] = model


def _sizes() -> list[str]:
    try:
        return [each.name for each in read_catalogue(os.environ)]
    except QwenError:
        return []  # the command itself will say what is wrong with the catalogue


def _quantizations(model: str) -> list[str]:
    try:
        return [
            each.name for each in find_model(model, read_catalogue(os.environ)).entry.quantizations
        ]
    except QwenError:
        return []
