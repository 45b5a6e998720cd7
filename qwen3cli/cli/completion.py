"""Completion of model names in the shell: from the catalogue's text, with nothing heavy loaded."""

import os

from qwen3cli.catalogue import Entry, read_catalogue, split_spec
from qwen3cli.choice import DEMO_NAME
from qwen3cli.errors import QwenError


def complete_model(incomplete: str) -> list[tuple[str, str]]:
    """(name, help) of every size, and of every quantization once a size and a colon are typed."""
    try:
        entries = list(read_catalogue(os.environ))
    except QwenError:
        return []  # the command itself will say what is wrong with the catalogue
    if ":" in incomplete:
        wanted = split_spec(incomplete)[0].lower()
        found = [_quantizations(each) for each in entries if each.name == wanted]
        return [pair for pairs in found for pair in pairs if pair[0].startswith(incomplete)]
    named = [(each.name, each.title) for each in entries] + [(DEMO_NAME, "needs no download")]
    return [pair for pair in named if pair[0].startswith(incomplete.lower())]


def _quantizations(entry: Entry) -> list[tuple[str, str]]:
    return [(f"{entry.name}:{each.name}", entry.title) for each in entry.quantizations]
