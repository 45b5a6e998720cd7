"""The substance of a document as a large model would give it, and a model that gives it."""

import json
from pathlib import Path
from typing import Any

from support.scribe import template_choosing, write_scribe

from qwen3cli.commands.webpage.substance import substance_format, whole_format


def substance(**fields: Any) -> dict[str, Any]:
    """A small one, with other fields where they are given, in the schema's order."""
    return {
        "language": "en",
        "title": "The harbour in 2025",
        "summary": "More berths, less noise.",
        "author": {"name": "", "link": "", "year": ""},
        "sections": [
            {"heading": "Berths", "text": "Forty more.\n\nNone less.", "points": ["All let"]}
        ],
        "timeline": [],
        "figures": [],
        "quotes": [],
        "tables": [],
        "links": [],
    } | fields


def write_reader(
    path: Path,
    *parts: dict[str, Any],
    whole: dict[str, Any] | None = None,
    context_tokens: int = 4096,
) -> Path:
    """A model that says the one, or of several each for its part, and `whole` for all together."""
    form = substance_format().grammar
    answers = [(json.dumps(each, ensure_ascii=False), form) for each in parts]
    choices = [(f"part {at + 1} of", at) for at in range(len(parts))]
    if whole is not None:
        choices.insert(0, ("titles and summaries", len(answers)))
        answers.append((json.dumps(whole, ensure_ascii=False), whole_format().grammar))
    return write_scribe(path, answers, template_choosing(*choices), context_tokens)
